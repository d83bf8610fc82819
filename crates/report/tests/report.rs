//! Reports as people and programs get them.

#[path = "../examples/sample/model.rs"]
mod sample;

#[path = "report/csv_rows.rs"]
mod csv_rows;
#[path = "report/external_tools.rs"]
mod external_tools;
#[path = "report/json_schema.rs"]
mod json_schema;
#[path = "report/manifest.rs"]
mod manifest;
#[path = "report/pdf_content.rs"]
mod pdf_content;
#[path = "report/programs.rs"]
mod programs;
#[path = "report/properties.rs"]
mod properties;
#[path = "report/webpage.rs"]
mod webpage;
#[path = "report/workbook.rs"]
mod workbook;
