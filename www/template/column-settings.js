// What can be said of a column beside its heading: each row makes one field and one member of the template.
export const COLUMN_SETTINGS = [];
