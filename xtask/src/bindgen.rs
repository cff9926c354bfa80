//! A compiled crate → WebAssembly with its JavaScript glue, optimised.

use crate::tools::{self, Result, cannot};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use wasm_bindgen_cli_support::Bindgen;

/// One crate that becomes WebAssembly.
pub struct Artifact {
    /// The cargo package.
    pub package: &'static str,
    /// Its features.
    pub features: &'static str,
    /// The folder of the results, inside the repository.
    pub folder: &'static str,
    /// Their name: `<name>.js` and `<name>_bg.wasm`.
    pub name: &'static str,
    /// How the glue finds the WebAssembly module.
    pub target: Target,
}

/// How the glue finds the WebAssembly module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The caller passes the bytes or a URL to `init`.
    Web,
    /// The module imports it, as Workers do.
    Module,
}

impl Artifact {
    /// Compiles the crate and, when that changed anything, binds and optimises it again.
    pub fn build(&self) -> Result {
        self.finish(&self.compile()?)
    }

    /// Builds all of them, one behind the other: while one is optimised, which keeps one core busy, the next is compiled.
    pub fn build_all(artifacts: &'static [Self]) -> Result {
        let mut finishing: Option<JoinHandle<Result>> = None;
        for artifact in artifacts {
            let compiled = artifact.compile();
            end(finishing.take())?;
            let compiled = compiled?;
            finishing = Some(thread::spawn(move || artifact.finish(&compiled)));
        }
        end(finishing)
    }

    /// Gives the compiled file.
    fn compile(&self) -> Result<PathBuf> {
        // `crate-type = ["cdylib", "rlib"]` in the manifest would make cargo skip link-time optimisation.
        tools::run(
            tools::cargo(&[
                "rustc",
                "--quiet",
                "--lib",
                "--crate-type",
                "cdylib",
                "--profile",
                "wasm",
            ])
            .args([
                "--target",
                "wasm32-unknown-unknown",
                "--package",
                self.package,
                "--no-default-features",
                "--features",
                self.features,
            ])
            // Two builds of one package would overwrite each other's file.
            .arg("--target-dir")
            .arg(self.target_folder())
            // Inlines less than `opt-level = "s"` does, for 1 % of the size; wasm-opt inlines what is small.
            .args(["--", "-Cllvm-args=-inline-threshold=30"]),
        )?;
        let file = format!("{}.wasm", self.package.replace('-', "_"));
        let folder = self.target_folder();
        Ok(folder.join("wasm32-unknown-unknown/wasm").join(file))
    }

    fn finish(&self, compiled: &Path) -> Result {
        if self.is_fresh(compiled) {
            return Ok(());
        }
        self.bind(compiled)?;
        self.optimise()?;
        if self.target == Target::Web {
            self.minify()?;
        }
        Ok(())
    }

    fn target_folder(&self) -> PathBuf {
        let folder = std::env::var_os("CARGO_TARGET_DIR");
        let folder = folder.map_or_else(|| tools::path("target"), PathBuf::from);
        match self.name {
            "full" | "catalog" => folder.join(self.name),
            _ => folder,
        }
    }

    /// The WebAssembly that the build makes.
    pub fn optimised(&self) -> PathBuf {
        tools::path(self.folder).join(format!("{}_bg.wasm", self.name))
    }

    /// The results are newer than the compiled crate and than this program, which made them.
    fn is_fresh(&self, compiled: &Path) -> bool {
        let made = tools::modified(&self.optimised());
        let this_program = std::env::current_exe()
            .ok()
            .and_then(|file| tools::modified(&file));
        made.is_some() && made >= tools::modified(compiled) && made >= this_program
    }

    fn bind(&self, compiled: &Path) -> Result {
        let folder = tools::path(self.folder);
        let mut bindgen = Bindgen::new();
        bindgen
            .input_path(compiled)
            .out_name(self.name)
            .typescript(false)
            .remove_name_section(true);
        // After a trap the glue has to make a new instance: it exports `__wbg_reset_state` for that.
        bindgen.reset_state_function(true);
        match self.target {
            Target::Web => {
                bindgen
                    .omit_default_module_path(false)
                    .web(true)
                    .map_err(|error| error.to_string())?;
            }
            Target::Module => {
                bindgen
                    .force_enable_abort_handler(true)
                    .module(true)
                    .map_err(|error| error.to_string())?;
            }
        }
        bindgen
            .generate(&folder)
            .map_err(|error| format!("wasm-bindgen failed for {}: {error:#}", self.package))
    }

    fn optimise(&self) -> Result {
        let file = self.optimised();
        let temporary = file.with_extension("wasm.unoptimised");
        fs::rename(&file, &temporary).map_err(|error| cannot("move", &file, error))?;
        let mut wasm_opt = tools::node();
        wasm_opt.arg(tools::path("node_modules/binaryen/bin/wasm-opt"));
        wasm_opt.args([
            "-O3",
            "--converge",
            "--strip-debug",
            "--strip-producers",
            "--strip-target-features",
        ]);
        wasm_opt.args(FEATURES.map(|feature| format!("--enable-{feature}")));
        wasm_opt.arg(&temporary).arg("--output").arg(&file);
        tools::run(&mut wasm_opt)?;
        fs::remove_file(&temporary).map_err(|error| cannot("remove", &temporary, error))
    }

    /// The glue is written for people, and finds the engine by itself, which the package does. Both are half of it.
    fn minify(&self) -> Result {
        let folder = tools::path(self.folder);
        let entry = folder.join(format!("{}.entry.js", self.name));
        // The default export, which loads the engine, does not come along.
        let exports = format!("export * from \"./{}.js\";", self.name);
        fs::write(&entry, exports).map_err(|error| cannot("write", &entry, error))?;
        let mut esbuild = tools::command(tools::path("node_modules/.bin/esbuild"));
        esbuild.arg(&entry).args([
            "--bundle",
            "--minify",
            "--format=esm",
            "--log-level=warning",
            "--allow-overwrite",
        ]);
        let glue = folder.join(format!("{}.js", self.name));
        tools::run(esbuild.arg(format!("--outfile={}", glue.display())))?;
        fs::remove_file(&entry).map_err(|error| cannot("remove", &entry, error))
    }
}

/// Waits for a build that is being finished.
fn end(finishing: Option<JoinHandle<Result>>) -> Result {
    match finishing.map(JoinHandle::join) {
        None => Ok(()),
        Some(result) => result.unwrap_or_else(|_| Err("a build ended in the middle".into())),
    }
}

/// What rustc's baseline, `.cargo/config.toml` and wasm-bindgen use.
const FEATURES: [&str; 8] = [
    "bulk-memory",
    "exception-handling",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
    "simd",
];
