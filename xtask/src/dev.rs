//! The local server: the worker with the demo page, as wrangler runs it.

use crate::steps::Steps;
use crate::tools::{self, Result};
use crate::{build, demo, plain};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The port without `--port`.
pub const DEFAULT_PORT: u16 = 8787;

enum Event {
    /// Somebody asked this program to end.
    Stop,
}

/// Builds, serves on `port` until stopped, and says when it is ready.
pub fn dev(port: u16) -> Result {
    // wrangler would quietly take another port. Nobody wants to hear of that after minutes of building.
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        format!("port {port} cannot be used ({error}): choose another one with --port")
    })?;
    let steps = Steps::announce("cargo xtask dev", build::STEPS + 2, build::FIRST_TIME);
    build::run(&steps)?;
    let access = steps.run("database with demo accounts", demo::prepare)?;

    let (sender, events) = mpsc::channel();
    listen_for_signals(sender)?;
    let mut wrangler = tools::wrangler()?;
    wrangler
        .args(["dev", "--ip", "127.0.0.1", "--port", &port.to_string()])
        // Only here: a deployed worker wants credentials.
        .args(["--var", "ALLOW_ANONYMOUS:1"])
        .args([
            "--log-level",
            // Not `warn`, by which wrangler tells that crons never fire: here they do.
            "error",
            "--show-interactive-dev-session=false",
        ]);
    let start = Instant::now();
    let mut wrangler = wrangler
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start wrangler: {error}"))?;
    if let Some(output) = wrangler.stdout.take() {
        thread::spawn(|| plain::relay(output));
    }
    if let Some(output) = wrangler.stderr.take() {
        thread::spawn(|| plain::relay(output));
    }

    let mut announced = false;
    let mut clock = Clock::default();
    loop {
        if let Some(status) = wrangler.try_wait().map_err(|error| error.to_string())? {
            return Err(format!("wrangler ended on its own ({status})"));
        }
        if !announced && answers(port) {
            steps.ended("server", start);
            println!("\n  page     http://localhost:{port}/");
            println!(
                "  service  http://localhost:{port}/#service (sign in with one of these keys)"
            );
            println!("  stop     Ctrl+C\n");
            access.print();
            println!("tablecast: http://localhost:{port}");
            announced = true;
        }
        if announced {
            clock.tick(port);
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
    get(port, "/healthz", Duration::from_secs(5)).is_ok_and(|start| start.ends_with(" 200"))
}

/// Asks for a path and returns the beginning of the status line.
fn get(port: u16, path: &str, patience: Duration) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(patience))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut start = [0; 12];
    stream.read_exact(&mut start)?;
    Ok(String::from_utf8_lossy(&start).into_owned())
}

/// The service's cron. The local runtime never fires one by itself, so it is called once a minute, first at once: what a
/// server that was stopped left in its queue is lost, and found again by the sweep.
#[derive(Default)]
struct Clock {
    last: Option<(Instant, JoinHandle<()>)>,
}

impl Clock {
    const PATH: &str = "/cdn-cgi/local/scheduled?cron=*+*+*+*+*";
    const PERIOD: Duration = Duration::from_secs(60);

    /// Calls the cron if it is time, unless the last call is still at work.
    fn tick(&mut self, port: u16) {
        let waits = self
            .last
            .as_ref()
            .is_some_and(|(start, call)| start.elapsed() < Self::PERIOD || !call.is_finished());
        if !waits {
            // What goes wrong there, the worker writes into its log.
            let call = thread::spawn(move || drop(get(port, Self::PATH, 10 * Self::PERIOD)));
            self.last = Some((Instant::now(), call));
        }
    }
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
