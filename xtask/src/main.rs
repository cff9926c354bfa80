//! The commands of this repository: `cargo xtask build | dev | key | demo-data | test | size | bench`.
//!
//! Each command does all its own set-up on a machine with cargo, Node and npm, and names in one
//! line what it cannot install.
//!
//! | file | what |
//! |---|---|
//! | `main.rs` | the list of commands |
//! | `tools.rs` | running programs, and finding or installing cargo targets, npm packages and Node |
//! | `build.rs` | everything that is built, and when it is built again |
//! | `steps.rs` | what a long command says while it works |
//! | `bindgen.rs` | a compiled crate → WebAssembly with its JavaScript glue |
//! | `resources.rs` | the operator's own resources, checked as the service does by its `definitions.rs` |
//! | `typescript.rs` | the catalog as types of TypeScript |
//! | `site.rs` | the static assets that the worker serves |
//! | `size.rs` | sizes and their budgets |
//! | `bench.rs` | the benchmarks |
//! | `dev.rs` | the local server |
//! | `plain.rs` | what wrangler prints, in plain lines |
//! | `demo.rs` | accounts and data to try the service with |
//! | `key.rs` | API keys |
//! | `database.rs` | the service's database, local or deployed |
//! | `arguments.rs` | arguments of the form `--name value` |
//! | `test/` | the tests, part by part |
//! | `browser.rs`, `oracles.rs` | Chromium, and the Python readers that outputs are compared with |

mod arguments;
mod bench;
mod bindgen;
mod browser;
mod build;
mod database;
#[path = "../../worker/src/definitions.rs"]
mod definitions;
mod demo;
mod dev;
mod key;
mod oracles;
mod plain;
mod resources;
mod site;
mod size;
mod steps;
mod test;
mod tools;
mod typescript;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask build            build pkg/, worker/build/ and target/site/
cargo xtask build core       build only pkg/wasm/core*, to try something out
cargo xtask dev [--port N]   build, then serve on http://localhost:N (default 8787) until stopped
cargo xtask key create --account A --user U --role owner|member|viewer [--name N] [--email E] [--remote]
                             make the user, if there is none, and an API key, which is shown once
cargo xtask demo-data --account A --memories N
                             fill an account of the local database up to N memories
cargo xtask size             build, then print sizes and check them against xtask/size-budget.txt
cargo xtask test [part...] [--name TEXT] [--all]
                             run the tests, or parts of them: `cargo xtask test --help`
cargo xtask bench [--quick] [--only WORDS]
                             build, then measure and write BENCHMARKS.md, or print what was asked for";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["build"] => build::build(),
        ["build", "core"] => build::core(),
        ["dev"] => dev::dev(dev::DEFAULT_PORT),
        ["dev", "--port", port] => match port.parse() {
            Ok(port) => dev::dev(port),
            Err(_) => Err(format!(
                "--port takes a number from 1 to 65535, not `{port}`"
            )),
        },
        ["key", "create", arguments @ ..] => key::create(arguments),
        ["demo-data", arguments @ ..] => demo::demo_data(arguments),
        ["size"] => build::build().and_then(|()| size::size()),
        ["test", arguments @ ..] => test::test(arguments),
        ["bench", arguments @ ..] => bench::bench(arguments),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
