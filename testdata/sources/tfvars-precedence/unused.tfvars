trail = "never-read"
