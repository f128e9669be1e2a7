//! Writes the sample table that the other examples start from, or checks it.
//!
//! ```text
//! cargo run --example make_sample             writes examples/data/sample-orders.csv
//! cargo run --example make_sample -- --check  fails unless that file is what the generator makes
//! ```

use std::error::Error;
use std::path::Path;

use tillit::measure::Currency;
use tillit::simulate::Shop;

fn main() -> Result<(), Box<dyn Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/sample-orders.csv");
    let sample = Shop::new(20_230_102, Currency::new("EUR")?)?.open()?;
    let text = sample.to_csv();
    let orders = sample.orders().len();
    if std::env::args().any(|argument| argument == "--check") {
        if std::fs::read_to_string(&file)? != text {
            return Err("examples/data/sample-orders.csv is not what the generator makes".into());
        }
        println!("{orders} orders, as the generator makes them");
    } else {
        std::fs::write(&file, &text)?;
        println!("{orders} orders, {} bytes", text.len());
    }
    Ok(())
}
