//! What a request chooses of a resource: the object, filters and switches, checked against the definition.

use crate::access::Caller;
use crate::call;
use crate::problem::Problem;
use crate::query::Query;
use crate::records::{Plan, Scope};
use tablecast::{Resource, Selection, Setting, Surface};
use worker::Env;

/// The longest id of an object.
const MAX_ID: usize = 255;

/// The member of an export's options that says what stands around the records.
pub(crate) const ENVELOPE: &str = "envelope";

/// A resource, and what was chosen of it.
pub(crate) struct Chosen<'a> {
    pub(crate) resource: &'a Resource,
    /// The object that is exported, where it is one at a time.
    pub(crate) id: Option<String>,
    pub(crate) selection: Selection,
}

impl<'a> Chosen<'a> {
    /// Takes filters and switches out of a query; several values are separated by commas.
    pub(crate) fn from_query(
        resource: &'a Resource,
        id: Option<String>,
        query: &mut Query,
    ) -> Result<Self, Problem> {
        let filters = resource.filters.iter().map(|filter| &filter.name);
        let switches = resource.switches.iter().map(|switch| &switch.name);
        let given = filters.chain(switches).filter_map(|name| {
            let text = query.text(name)?;
            Some((name.clone(), Setting::Text(text)))
        });
        let given = Setting::Map(given.collect());
        Self::checked(resource, id, &given, Surface::Query)
    }

    /// Reads the filters of a body.
    pub(crate) fn from_body(
        resource: &'a Resource,
        id: Option<String>,
        filters: &Setting,
    ) -> Result<Self, Problem> {
        Self::checked(resource, id, filters, Surface::Http)
    }

    /// What was checked before, and stored as [`given`](Self::given).
    pub(crate) fn stored(
        resource: &'a Resource,
        id: Option<String>,
        given: &str,
    ) -> Result<Self, Problem> {
        Self::from_body(resource, id, &Setting::from_json(given.as_bytes())?)
    }

    fn checked(
        resource: &'a Resource,
        id: Option<String>,
        filters: &Setting,
        surface: Surface,
    ) -> Result<Self, Problem> {
        match (&id, &resource.object_table) {
            (None, Some(_)) => return Err(Problem::resource_id_required(&resource.name)),
            (Some(_), None) => {
                let reason = format!(
                    "is for types of single objects, and {} is none",
                    resource.name
                );
                return Err(Problem::invalid_parameter("resource_id", &reason));
            }
            // No object has such an id.
            (Some(id), _) if id.len() > MAX_ID => return Err(Problem::resource_not_found()),
            _ => {}
        }
        let selection = resource.select(filters, surface);
        Ok(Self {
            resource,
            id,
            selection: selection.map_err(Problem::of_parameter)?,
        })
    }

    /// Filters and switches as they are stored and shown.
    pub(crate) fn given(&self) -> String {
        match &self.selection.given {
            Setting::Null => "{}".to_owned(),
            given => given.to_json(),
        }
    }

    /// Puts into the engine's options what the caller may not say: whose data these are. `now` is the moment of the
    /// export.
    ///
    /// # Errors
    ///
    /// `INVALID_PARAMETER` for an envelope that is neither wanted nor unwanted.
    pub(crate) fn complete(
        &self,
        options: &mut Setting,
        caller: &Caller,
        now: &str,
        env: &Env,
    ) -> Result<(), Problem> {
        let is_wanted = match options.remove(ENVELOPE) {
            None | Some(Setting::Bool(true)) => true,
            Some(Setting::Bool(false)) => false,
            Some(Setting::Text(word)) if word == "true" => true,
            Some(Setting::Text(word)) if word == "false" => false,
            Some(_) => return Err(Problem::invalid_parameter(ENVELOPE, "is true or false")),
        };
        let envelope = match is_wanted {
            false => Setting::Bool(false),
            true => {
                let mut envelope = Setting::Map(Vec::new());
                envelope.insert("software_version", Setting::Text(software_version(env)));
                envelope.insert("account_id", Setting::Text(caller.account_id.clone()));
                envelope
            }
        };
        options.insert(ENVELOPE, envelope);
        if options.get("filename").is_none() {
            let day = now.split('T').next().unwrap_or_default();
            let id = self.id.as_deref().unwrap_or_default();
            let name = self.resource.file_name(day, &caller.user_id, id);
            options.insert("filename", Setting::Text(name));
        }
        Ok(())
    }

    /// The engine's options with the resource, `option`, and what was chosen of it.
    pub(crate) fn request_options(&self, options: &Setting, option: Setting) -> Setting {
        let mut options = options.clone();
        options.insert("resource", option);
        options.insert("filters", self.selection.given.clone());
        options
    }

    /// How it is read of the database.
    pub(crate) fn plan(&self) -> Plan {
        Plan::of(self.resource, &self.selection)
    }

    /// The data that these are of a user, up to a moment.
    pub(crate) fn scope(&self, account_id: &str, user_id: &str, until: String) -> Scope {
        Scope {
            account_id: account_id.to_owned(),
            user_id: user_id.to_owned(),
            object_id: self.id.clone().unwrap_or_default(),
            until,
        }
    }
}

/// Whether an export of the type holds the data of one user, which are nobody else's business.
pub(crate) fn is_personal(resource: &Resource) -> bool {
    let mut records = resource.records.iter();
    records.any(|record| record.user_column.is_some())
}

/// The version that files tell of the software that the data come from.
fn software_version(env: &Env) -> String {
    match call::text(env, "SOFTWARE_VERSION") {
        version if version.is_empty() => env!("CARGO_PKG_VERSION").to_owned(),
        version => version,
    }
}
