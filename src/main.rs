//! The `keytrail` binary: [`keytrail::cli`] over this process.

fn main() -> std::process::ExitCode {
    keytrail::cli::main()
}
