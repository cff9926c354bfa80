//! What exports of a resource know when they are suspended.

use super::suspend::{OTHER, VERSION, invalid};
use super::{Chosen, Exporter, Stage};
use crate::error::Result;
use crate::settings::Setting;

const BETWEEN: &str = "A document is suspended between two records of an array.";
const DAMAGED: &str = "The text is no state of a suspended export.";

impl Exporter {
    /// The input of this part was used up: what was written is given out.
    pub(super) fn pause_document(&mut self) -> Result<()> {
        let Some(document) = &mut self.document else {
            return Ok(());
        };
        if !document.is_between() {
            return Err(invalid(BETWEEN));
        }
        document.give(&mut self.out);
        self.stage = Stage::Paused;
        Ok(())
    }

    pub(super) fn suspend_document(&self) -> Result<String> {
        let document = self.document.as_ref().and_then(|document| document.state());
        let document = document.ok_or_else(|| invalid(BETWEEN))?;
        let mut state = Setting::default();
        state.insert("v", Setting::count(VERSION));
        state.insert("format", Setting::Text(self.request.format.id.into()));
        state.insert("bytes", Setting::count(self.bytes));
        state.insert("resource", self.fingerprint());
        state.insert("document", document);
        Ok(state.to_json())
    }

    /// Adds what stands between the reader and the writer of a table.
    pub(super) fn add_shaper_state(&self, state: &mut Setting) {
        if let Some(shaper) = &self.shaper {
            state.insert("resource", self.fingerprint());
            state.insert("read", Setting::count(self.reader.rows().complete));
            let (shaper, columns) = shaper.state();
            state.insert("shaper", shaper);
            state.insert("shaped", columns);
        }
    }

    /// Takes over what belongs to a resource.
    pub(super) fn restore_resource(&mut self, state: &Setting) -> Result<()> {
        let resource = state.get("resource");
        // Without rows there was nothing to remember.
        let begun = state.get("document").is_some() || state.get("source").is_some();
        let same = resource.cloned().unwrap_or_default() == self.fingerprint();
        if begun && !same {
            return Err(invalid(OTHER));
        }
        let damaged = || invalid(DAMAGED);
        let columns = state.get("shaped");
        if let (Some(shaper), Some(state)) = (&mut self.shaper, state.get("shaper")) {
            let restored = shaper.restore(state, columns);
            restored.ok_or_else(damaged)?;
        }
        let Some(document) = &mut self.document else {
            return Ok(());
        };
        let bytes = state.get("bytes").and_then(Setting::as_count);
        self.bytes = bytes.ok_or_else(damaged)?;
        let state = state.get("document").ok_or_else(damaged)?;
        document.restore(state).ok_or_else(damaged)
    }

    /// What tells the resource, and what was chosen of it, from others; null where there is none.
    fn fingerprint(&self) -> Setting {
        let Some(chosen) = &self.request.chosen else {
            return Setting::Null;
        };
        let Chosen {
            resource,
            selection,
            envelope,
            ..
        } = &**chosen;
        let text = [resource.describe().to_json(), selection.given.to_json()].concat();
        // FNV-1a: other options are told from these, not those that somebody makes up to be taken for them.
        let hash = text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        let envelope = if *envelope { "" } else { "-" };
        Setting::Text(format!("{}{envelope} {hash:x}", resource.name))
    }
}
