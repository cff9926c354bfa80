//! The objects and arrays of a document that are written while they are read.

use crate::table::Header;

pub(super) enum Frame {
    Object(Object),
    Array(Array),
}

impl Frame {
    /// The member that is being read is written to a buffer of its own.
    pub(super) fn is_own(&self) -> bool {
        matches!(self, Self::Object(Object { own: true, .. }))
    }

    pub(super) fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    pub(super) fn indent(&self) -> usize {
        match self {
            Self::Object(object) => object.indent,
            Self::Array(array) => array.indent,
        }
    }
}

pub(super) struct Object {
    /// Its number among the records that are open.
    pub(super) level: usize,
    pub(super) place: usize,
    /// How deep it stands.
    pub(super) indent: usize,
    /// Nothing was written in it.
    pub(super) empty: bool,
    /// The member whose turn it is to be written.
    pub(super) next: usize,
    /// The member that probably comes next.
    pub(super) guess: usize,
    /// Which members came.
    pub(super) came: Vec<bool>,
    /// What came of them before its turn.
    pub(super) held: Vec<Option<Vec<u8>>>,
    /// The members that nobody describes, which stand behind all others: keys and values.
    pub(super) others: Vec<(Vec<u8>, Vec<u8>)>,
    /// The keys of all of them that came, and how many bytes these have.
    pub(super) names: Header,
    pub(super) name_bytes: u64,
    /// All described members are written, so that what nobody describes follows at once.
    pub(super) flows: bool,
    /// The member that is being read has come before its turn, and is written to a buffer of its own.
    pub(super) own: bool,
}

impl Object {
    pub(super) fn new(level: usize, place: usize, indent: usize, members: usize) -> Self {
        Self {
            level,
            place,
            indent,
            empty: true,
            next: 0,
            guess: 0,
            came: vec![false; members],
            held: vec![None; members],
            others: Vec::new(),
            names: Header::default(),
            name_bytes: 0,
            flows: false,
            own: false,
        }
    }
}

pub(super) struct Array {
    /// The place of its records.
    pub(super) place: usize,
    /// How deep it stands.
    pub(super) indent: usize,
    /// How many records were written.
    pub(super) count: u64,
    /// How many were read.
    pub(super) read: u64,
}
