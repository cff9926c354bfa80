//! What stands in for [`Typing`] in a build that does not hold it: there is none.

use super::Place;
use crate::report::Notes;
use crate::table::Column;
use crate::value::Rows;
use crate::zone::Zone;

#[derive(Clone)]
pub(crate) enum Typing {}

impl Typing {
    pub(crate) fn new<'a>(
        _: impl Iterator<Item = (&'a Column, Place)>,
        _: &Zone,
        _: u8,
    ) -> Option<Self> {
        None
    }

    pub(crate) fn convert(&mut self, _: Rows<'_>, _: &mut Notes) -> Rows<'_> {
        match *self {}
    }

    pub(crate) fn has_found(&self, _: usize) -> bool {
        match *self {}
    }

    pub(crate) fn totals(&self, _: &mut Notes) -> Vec<Option<String>> {
        match *self {}
    }
}
