account = "999999999999"
trail   = "wrong-1"
