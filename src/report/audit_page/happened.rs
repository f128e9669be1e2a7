//! What happened: how much there is of everything.

use crate::audit::{Audit, MoneyFinding};
use chrono::NaiveDate;

use crate::error::Result;
use crate::measure::Currency;
use crate::report::{Cell, Column, Section, Table, Unit};

use super::words::count;

pub(super) fn happened(audit: &Audit) -> Result<Section> {
    let mut section = Section::new("What happened?");
    let counts = &audit.counts;
    let mut rows = vec![
        vec![
            Cell::from("Customers"),
            Cell::Number(counts.customers as f64, Unit::count()),
        ],
        vec![
            Cell::from("Cases"),
            Cell::Number(counts.cases as f64, Unit::count()),
        ],
        vec![
            Cell::from("Facts"),
            Cell::Number(counts.facts as f64, Unit::count()),
        ],
        vec![
            Cell::from("Facts of one customer at the same moment as the one before"),
            Cell::Number(counts.ties as f64, Unit::count()),
        ],
    ];
    if let Some(source) = &audit.source {
        rows.insert(
            0,
            vec![
                Cell::from("Rows in the table"),
                Cell::Number(source.rows as f64, Unit::count()),
            ],
        );
        rows.insert(
            1,
            vec![
                Cell::from("Rows kept"),
                Cell::Number(source.rows_kept as f64, Unit::count()),
            ],
        );
        rows.insert(
            2,
            vec![
                Cell::from("Rows reported as bad"),
                Cell::Number(source.rows_reported as f64, Unit::count()),
            ],
        );
    }
    section = section.with_table(Table::new(
        "How much there is",
        vec![Column::text("What"), Column::number("Number")],
        rows,
    )?);
    if let Some(paid) = &audit.money {
        section = section.with_table(paid_table(paid, audit)?);
    }
    for (name, groups) in &counts.segments {
        let mut largest: Vec<(&String, &u64)> = groups.cases.iter().collect();
        // Months are read in their order, other groups by size.
        if !largest.iter().all(|(label, _)| is_month(label)) {
            largest.sort_by_key(|&(label, count)| (std::cmp::Reverse(*count), label));
        }
        let rows = largest
            .into_iter()
            .map(|(label, &count)| {
                vec![
                    Cell::from(label.as_str()),
                    Cell::Number(count as f64, Unit::count()),
                ]
            })
            .collect();
        let mut table = Table::new(
            format!("Cases by {name}: {} groups", count(groups.groups)),
            vec![Column::text(name.as_str()), Column::number("Cases")],
            rows,
        )?;
        let rest = groups.other + groups.none;
        if rest > 0 {
            table = table.with_other(vec![
                Cell::from("other or none"),
                Cell::Number(rest as f64, Unit::count()),
            ])?;
        }
        section = section.with_table(table.folded());
    }
    Ok(section)
}

/// Whether a label is a month as ISO 8601 writes it, like 2018-03.
fn is_month(label: &str) -> bool {
    NaiveDate::parse_from_str(&format!("{label}-01"), "%Y-%m-%d").is_ok()
}

/// A sum, which the reader writes as `13591643.70 BRL`, as an amount like the others; what is no such text stays as it is.
fn sum_of_column(total: &str) -> Cell {
    let parts = total.rsplit_once(' ').and_then(|(amount, currency)| {
        let amount = amount
            .parse()
            .ok()
            .filter(|amount: &f64| amount.is_finite())?;
        Some((amount, Currency::new(currency).ok()?))
    });
    parts.map_or(Cell::from(total), |(amount, currency)| {
        Cell::Number(amount, Unit::money(currency))
    })
}

fn paid_table(paid: &MoneyFinding, audit: &Audit) -> Result<Table> {
    let unit = Unit::money(paid.currency);
    let mut rows = vec![
        vec![Cell::from("Paid"), Cell::Number(paid.paid_total, unit)],
        vec![
            Cell::from("Paid back"),
            Cell::Number(paid.refunded_total, unit),
        ],
        vec![
            Cell::from("Paid after refunds"),
            Cell::Number(paid.paid_total_net_of_refunds, unit),
        ],
        vec![
            Cell::from("Mean paid in a case"),
            Cell::Number(paid.paid_mean, unit),
        ],
        vec![
            Cell::from("Median paid in a case"),
            Cell::Number(paid.paid_median, unit),
        ],
        vec![
            Cell::from("Paid per customer"),
            Cell::Number(paid.revenue_per_customer_mean, unit),
        ],
        vec![
            Cell::from(format!(
                "After refunds, per customer ({})",
                unit.write_doubt(&paid.net_revenue_per_customer)
            )),
            Cell::Number(paid.net_revenue_per_customer.value(), unit),
        ],
    ];
    for (name, total) in audit.source.iter().flat_map(|source| &source.totals) {
        rows.push(vec![
            Cell::from(format!("Sum of {name}, all rows of the table")),
            sum_of_column(total),
        ]);
    }
    Table::new(
        "What was paid",
        vec![Column::text("What"), Column::number("Amount")],
        rows,
    )
}

#[cfg(test)]
mod tests {
    use super::sum_of_column;
    use crate::measure::{Currency, Money};

    #[test]
    fn sums_of_columns_have_their_thousands_apart_like_other_amounts() {
        let written = |minor: i64, currency: &str| {
            let money = Money::from_minor(minor, Currency::new(currency).unwrap());
            sum_of_column(&money.to_string()).written()
        };
        assert_eq!(written(1_359_164_370, "BRL"), "13,591,643.70 BRL");
        assert_eq!(written(-123_456, "EUR"), "−1,234.56 EUR");
        assert_eq!(written(1_234_567, "JPY"), "1,234,567 JPY");
        assert_eq!(sum_of_column("twelve of them").written(), "twelve of them");
    }
}
