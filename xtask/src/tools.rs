//! Running programs, and finding or installing what the commands need.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// An error is one line for the person at the terminal.
pub type Result<T = ()> = std::result::Result<T, String>;

/// The newest major version of Node that the tools need, and the oldest that the package supports.
const WRANGLER_NODE: u32 = 22;
const PACKAGE_NODE: (u32, u32) = (20, 19);

/// A path inside the repository.
pub fn path(relative: &str) -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).join(relative)
}

/// A command that runs at the root of the repository.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(path(""));
    command
}

/// `cargo` with these arguments, as the same cargo that runs this program.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// Runs a command to its end with its output shown; failing is an error that repeats the command.
pub fn run(command: &mut Command) -> Result {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{}` failed ({status})", shown(command))),
        Err(error) => Err(format!("cannot run `{}`: {error}", shown(command))),
    }
}

/// Runs a command to its end and returns what it printed on its standard output.
pub fn output(command: &mut Command) -> Result<String> {
    match command.stderr(Stdio::inherit()).output() {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => Err(format!("`{}` failed ({})", shown(command), output.status)),
        Err(error) => Err(format!("cannot run `{}`: {error}", shown(command))),
    }
}

fn shown(command: &Command) -> String {
    let root = path("");
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words
        .map(|word| {
            let relative = Path::new(word)
                .strip_prefix(&root)
                .unwrap_or(Path::new(word));
            relative.to_string_lossy().into_owned()
        })
        .collect();
    let mut line = words.join(" ");
    if let Some((end, _)) = line.char_indices().nth(160) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// Installs the target `wasm32-unknown-unknown` unless the tool chain has it.
pub fn require_wasm_target() -> Result {
    const TARGET: &str = "wasm32-unknown-unknown";
    let sysroot = output(command("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(TARGET)
        .is_dir()
    {
        return Ok(());
    }
    run(command("rustup").args(["target", "add", TARGET]))
        .map_err(|_| format!("the Rust target {TARGET} is missing: install it, for example with rustup (https://rustup.rs)"))
}

/// Installs the packages of `package-lock.json` unless they are there.
pub fn require_npm_packages() -> Result {
    let (major, minor) = node_version("node")
        .ok_or("Node is missing: install Node 20.19 or later with npm (https://nodejs.org)")?;
    if (major, minor) < PACKAGE_NODE {
        return Err(format!(
            "Node {major}.{minor} is too old: install Node 20.19 or later (https://nodejs.org)"
        ));
    }
    let installed = modified(&path("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= modified(&path("package-lock.json")) {
        return Ok(());
    }
    // A package asks for a newer Node than npm runs on; it runs on the Node that is installed with it.
    run(npm().args(["ci", "--ignore-scripts", "--loglevel=error"]))
        .map_err(|error| format!("{error}: npm has to be there and to reach its registry"))
}

/// `npm` as the person at the terminal has it.
pub fn npm() -> Command {
    command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Installs a package with apt-get, where this is root on a Debian system.
pub fn install_debian_package(name: &str) -> Result {
    if !is_root() || !Path::new("/usr/bin/apt-get").exists() {
        return Err("this command installs it only as root on a Debian system".to_owned());
    }
    let apt = |arguments: &[&str]| {
        let mut apt = command("apt-get");
        apt.args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null());
        run(&mut apt)
    };
    apt(&["update", "--quiet"])?;
    apt(&[
        "install",
        "--yes",
        "--quiet",
        "--no-install-recommends",
        name,
    ])
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A Node that is new enough for wrangler: the pinned one from `node_modules`, else the system's.
pub fn wrangler_node() -> Result<PathBuf> {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let pinned = path(&format!(
        "node_modules/node-{}-{architecture}/bin/node",
        std::env::consts::OS
    ));
    if pinned.is_file() {
        return Ok(pinned);
    }
    match node_version("node") {
        Some((major, _)) if major >= WRANGLER_NODE => Ok("node".into()),
        _ => Err(format!(
            "wrangler needs Node {WRANGLER_NODE} or later on this platform (https://nodejs.org)"
        )),
    }
}

/// wrangler, in the folder of its configuration.
pub fn wrangler() -> Result<Command> {
    let mut wrangler = command(wrangler_node()?);
    wrangler
        .current_dir(path("worker"))
        .arg("--no-warnings")
        .arg(path("node_modules/wrangler/wrangler-dist/cli.js"))
        .envs(WRANGLER_ENVIRONMENT)
        .stdin(Stdio::null());
    Ok(wrangler)
}

/// The environment in which wrangler neither asks, nor reports, nor calls home.
pub const WRANGLER_ENVIRONMENT: [(&str, &str); 4] = [
    ("WRANGLER_SEND_METRICS", "false"),
    ("WRANGLER_HIDE_BANNER", "true"),
    ("CLOUDFLARE_CF_FETCH_ENABLED", "false"),
    ("CI", "1"),
];

/// `node` as the person at the terminal has it.
pub fn node() -> Command {
    command("node")
}

fn node_version(program: &str) -> Option<(u32, u32)> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// When a file was last written; `None` when there is none.
pub fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file)
        .and_then(|metadata| metadata.modified())
        .ok()
}

/// All files under a folder, sorted, so that what is made of them never depends on the file system.
pub fn files_under(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry
                .map_err(|error| cannot("read", &folder, error))?
                .path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Writes a file and the folders above it.
pub fn write(file: &Path, contents: impl AsRef<[u8]>) -> Result {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| cannot("make", folder, error))?;
    }
    fs::write(file, contents).map_err(|error| cannot("write", file, error))
}

/// Copies a file, making the folders above it. An equal file is left alone, so that nobody who watches it wakes up.
pub fn copy(from: &Path, to: &Path) -> Result {
    let contents = fs::read(from).map_err(|error| cannot("read", from, error))?;
    if fs::read(to).is_ok_and(|present| present == contents) {
        return Ok(());
    }
    write(to, contents)
}

/// Reads a text file.
pub fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| cannot("read", file, error))
}

/// The error for a file that could not be handled.
pub fn cannot(verb: &str, file: &Path, error: impl std::fmt::Display) -> String {
    format!("cannot {verb} {}: {error}", file.display())
}
