//! A compiled crate → WebAssembly with its JavaScript glue, optimised.

use crate::tools::{self, Result, cannot};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
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
    /// How wasm-opt works.
    pub optimise: &'static [&'static str],
}

/// How the glue finds the WebAssembly module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The caller passes the bytes or a URL to `init`.
    Web,
    /// The module imports it, as Workers do.
    Module,
}

/// Whether cargo draws its progress. Two at once would draw over each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Shown,
    Hidden,
}

impl Artifact {
    /// Compiles the crate and, when that changed anything, binds and optimises it again.
    ///
    /// # Errors
    ///
    /// What the tools print, in their own words.
    pub fn build(&self, progress: Progress) -> Result {
        let compiled = self.compile(progress)?;
        let stamp = self.stamp(&compiled)?;
        let stamp_file = self.target_folder().join(format!("{}.stamp", self.name));
        if self.is_there() && fs::read_to_string(&stamp_file).is_ok_and(|made| made == stamp) {
            return Ok(());
        }
        let bound = self.bind(&compiled)?;
        self.optimise(&bound)?;
        self.finish_glue(&bound)?;
        tools::write(&stamp_file, stamp)
    }

    /// Gives the compiled file.
    fn compile(&self, progress: Progress) -> Result<PathBuf> {
        let mut cargo = tools::cargo(&["rustc", "--lib", "--crate-type", "cdylib"]);
        // `crate-type = ["cdylib", "rlib"]` in the manifest would make cargo skip link-time optimisation.
        cargo.args(["--profile", "wasm", "--target", "wasm32-unknown-unknown"]);
        cargo.args(["--package", self.package, "--no-default-features"]);
        cargo.args(["--features", self.features]);
        // Two builds of one package would overwrite each other's file, and two at once would wait for each other.
        cargo.arg("--target-dir").arg(self.target_folder());
        if progress == Progress::Hidden {
            cargo.arg("--quiet");
        }
        // Inlines less than `opt-level = "s"` does, for 1 % of the size; wasm-opt inlines what is small.
        cargo.args(["--", "-Cllvm-args=-inline-threshold=30"]);
        tools::run(&mut cargo)?;
        let file = format!("{}.wasm", self.package.replace('-', "_"));
        let folder = self.target_folder();
        Ok(folder.join("wasm32-unknown-unknown/wasm").join(file))
    }

    fn target_folder(&self) -> PathBuf {
        let folder = std::env::var_os("CARGO_TARGET_DIR");
        let folder = folder.map_or_else(|| tools::path("target"), PathBuf::from);
        folder.join(self.name)
    }

    /// The WebAssembly that the build makes.
    pub fn optimised(&self) -> PathBuf {
        tools::path(self.folder).join(format!("{}_bg.wasm", self.name))
    }

    fn glue(&self) -> PathBuf {
        tools::path(self.folder).join(format!("{}.js", self.name))
    }

    fn is_there(&self) -> bool {
        self.optimised().is_file() && self.glue().is_file()
    }

    /// What the results depend on: the compiled crate, this file, and the versions of the tools that it calls.
    fn stamp(&self, compiled: &Path) -> Result<String> {
        let crate_bytes = fs::read(compiled).map_err(|error| cannot("read", compiled, error))?;
        let mut hash = Sha256::new();
        hash.update(&crate_bytes);
        hash.update(include_bytes!("bindgen.rs"));
        // Cargo.lock has the version of wasm-bindgen, the other file those of wasm-opt and esbuild.
        for lock in ["Cargo.lock", "package-lock.json"] {
            hash.update(tools::read(&tools::path(lock))?);
        }
        let digest = hash.finalize();
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Makes the glue and the module that it fits, in a folder of their own, which it gives.
    fn bind(&self, compiled: &Path) -> Result<PathBuf> {
        let folder = self.target_folder().join("bound");
        // What an older glue was made of may lie there.
        let _ = fs::remove_dir_all(&folder);
        let mut bindgen = Bindgen::new();
        bindgen
            .input_path(compiled)
            .out_name(self.name)
            .typescript(false)
            .remove_name_section(true);
        // After a trap the glue has to make a new instance: it exports `__wbg_reset_state` for that.
        bindgen.reset_state_function(true);
        let target = match self.target {
            Target::Web => bindgen.omit_default_module_path(false).web(true),
            Target::Module => bindgen.force_enable_abort_handler(true).module(true),
        };
        target
            .and_then(|bindgen| bindgen.generate(&folder))
            .map_err(|error| format!("wasm-bindgen failed for {}: {error:#}", self.package))?;
        Ok(folder)
    }

    fn optimise(&self, bound: &Path) -> Result {
        let file = self.optimised();
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(|error| cannot("make", folder, error))?;
        }
        let mut wasm_opt = tools::node();
        wasm_opt.arg(tools::path("node_modules/binaryen/bin/wasm-opt"));
        wasm_opt.args(self.optimise).args(STRIP);
        wasm_opt.args(FEATURES.map(|feature| format!("--enable-{feature}")));
        wasm_opt.arg(bound.join(format!("{}_bg.wasm", self.name)));
        tools::run(wasm_opt.arg("--output").arg(&file))
    }

    /// Puts the glue, and the snippets that it imports, beside the module.
    fn finish_glue(&self, bound: &Path) -> Result {
        match self.target {
            Target::Web => self.minify(bound),
            Target::Module => {
                let folder = tools::path(self.folder);
                for file in tools::files_under(bound)? {
                    if file.extension().is_some_and(|extension| extension == "js") {
                        let name = file.strip_prefix(bound).unwrap_or(&file);
                        tools::copy(&file, &folder.join(name))?;
                    }
                }
                Ok(())
            }
        }
    }

    /// The glue is written for people, and finds the engine on its own, which the package does. Both are half of it.
    fn minify(&self, bound: &Path) -> Result {
        let entry = bound.join("entry.js");
        // The default export, which loads the engine, does not come along.
        tools::write(&entry, format!("export * from \"./{}.js\";", self.name))?;
        let mut esbuild = tools::command(tools::path("node_modules/.bin/esbuild"));
        esbuild
            .arg(&entry)
            .args(["--bundle", "--minify", "--format=esm"])
            .args(["--log-level=warning", "--allow-overwrite"])
            .arg(format!("--outfile={}", self.glue().display()));
        tools::run(&mut esbuild)
    }
}

/// What nobody who runs the module needs.
const STRIP: [&str; 3] = [
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

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
