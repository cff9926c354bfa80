//! The local server: the worker with the demo page, as wrangler runs it.

use crate::build;
use crate::tools::{self, Result};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// The port without `--port`.
pub const DEFAULT_PORT: u16 = 8787;

enum Event {
    /// Somebody asked this program to end.
    Stop,
}

/// Builds, serves on `port` until stopped, and says in one line when it is ready.
pub fn dev(port: u16) -> Result {
    build::build()?;
    let node = tools::wrangler_node()?;
    // wrangler would quietly take another port.
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| format!("port {port} cannot be used: {error}"))?;

    let (sender, events) = mpsc::channel();
    listen_for_signals(sender)?;
    let mut wrangler = tools::command(node);
    wrangler
        .current_dir(tools::path("worker"))
        .arg("--no-warnings")
        .arg(tools::path("node_modules/wrangler/wrangler-dist/cli.js"))
        .args(["dev", "--ip", "127.0.0.1", "--port", &port.to_string()])
        // Only here: a deployed worker wants credentials.
        .args(["--var", "ALLOW_ANONYMOUS:1"])
        .args([
            "--log-level",
            "warn",
            "--show-interactive-dev-session=false",
        ])
        .envs(tools::WRANGLER_ENVIRONMENT)
        .stdin(Stdio::null());
    let mut wrangler = wrangler
        .spawn()
        .map_err(|error| format!("cannot start wrangler: {error}"))?;

    let mut announced = false;
    loop {
        if let Some(status) = wrangler.try_wait().map_err(|error| error.to_string())? {
            return Err(format!("wrangler ended by itself ({status})"));
        }
        if !announced && answers(port) {
            println!("tablecast: http://localhost:{port}");
            announced = true;
        }
        match events.recv_timeout(Duration::from_millis(200)) {
            Ok(Event::Stop) => {
                terminate(&wrangler)?;
                return wrangler
                    .wait()
                    .map(|_| ())
                    .map_err(|error| error.to_string());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err("the signal handler is gone".to_owned());
            }
        }
    }
}

/// Whether the worker answers `GET /healthz`.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut start = [0; 12];
        stream.read_exact(&mut start)?;
        Ok(String::from_utf8_lossy(&start).into_owned())
    };
    ask().is_ok_and(|start| start.ends_with(" 200"))
}

#[cfg(unix)]
fn listen_for_signals(sender: Sender<Event>) -> Result {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])
        .map_err(|error| format!("cannot handle signals: {error}"))?;
    thread::spawn(move || {
        for _ in signals.forever() {
            if sender.send(Event::Stop).is_err() {
                return;
            }
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn listen_for_signals(sender: Sender<Event>) -> Result {
    // The console sends Ctrl-C to wrangler too, whose end is noticed.
    thread::spawn(move || {
        let _sender = sender;
        loop {
            thread::park();
        }
    });
    Ok(())
}

/// Asks wrangler, by its process id, to end: it stops its workerd then.
#[cfg(unix)]
fn terminate(wrangler: &Child) -> Result {
    tools::run(tools::command("kill").args(["-TERM", &wrangler.id().to_string()]))
}

#[cfg(not(unix))]
fn terminate(_wrangler: &Child) -> Result {
    Ok(())
}
