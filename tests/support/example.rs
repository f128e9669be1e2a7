//! Examples as programs, for tests.

use std::env;
use std::process::Command;

/// The example's program; `None`, and a printed reason, if it was not built beside this test.
pub(crate) fn example(name: &str) -> Option<Command> {
    // Tests lie in `deps`, examples in `examples` beside it.
    let test = env::current_exe().ok()?;
    let program = test
        .parent()?
        .parent()?
        .join("examples")
        .join(format!("{name}{}", env::consts::EXE_SUFFIX));
    if program.exists() {
        return Some(Command::new(program));
    }
    println!("skipped: the example `{name}` was not built beside this test");
    None
}
