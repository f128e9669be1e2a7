//! What the simulated shop plants is really there: simple estimators, independent of this crate's own, find it again.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::Datelike;
use tillit::measure::{Currency, Probability, Span, TimeUnit};
use tillit::simulate::{Buying, OrderStatus, ScoreResponse, Shop, SimulatedOrder, Spending};

fn euro() -> Currency {
    Currency::new("EUR").unwrap()
}

fn shop(seed: u64) -> Shop {
    Shop::new(seed, euro()).unwrap()
}

/// Fails unless `found` lies within 4 standard errors of `expected`. Seeds are fixed; over the few dozen comparisons here a
/// true generator would fail with probability 0.2 % at another seed.
fn assert_near(what: &str, found: f64, expected: f64, standard_error: f64) {
    assert!(
        (found - expected).abs() < 4.0 * standard_error,
        "{what}: found {found}, planted {expected}, standard error {standard_error}"
    );
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// Intercept and slope of least squares with standard errors that allow for unequal variance (White 1980).
fn least_squares(points: &[(f64, f64)]) -> [(f64, f64); 2] {
    let n = points.len() as f64;
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
    let spread = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum::<f64>();
    let together = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y));
    let slope = together.sum::<f64>() / spread;
    let intercept = mean_y - slope * mean_x;
    let (mut slope_error, mut intercept_error) = (0.0, 0.0);
    for (x, y) in points {
        let residual = y - intercept - slope * x;
        let weight = (x - mean_x) / spread;
        slope_error += (weight * residual).powi(2);
        intercept_error += ((1.0 / n - mean_x * weight) * residual).powi(2);
    }
    [
        (intercept, intercept_error.sqrt()),
        (slope, slope_error.sqrt()),
    ]
}

/// Deliveries whose fate the end of observation cannot have cut off.
fn settled(orders: &[SimulatedOrder], until: tillit::measure::Timestamp) -> Vec<&SimulatedOrder> {
    let margin = Span::new(20.0, TimeUnit::Week).unwrap();
    orders
        .iter()
        .filter(|order| order.purchased_at.after(margin) < until)
        .filter(|order| order.status == OrderStatus::Delivered)
        .collect()
}

#[test]
fn the_shipped_sample_is_what_the_generator_makes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/sample-orders.csv");
    let shipped = std::fs::read_to_string(file).unwrap();
    assert!(shipped.len() < 400_000);
    // Not assert_eq!, which would print both files.
    let made = shop(20_230_102).open().unwrap().to_csv();
    assert!(
        shipped == made,
        "run: cargo run --example make_sample, and look at the difference"
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let table = |seed| shop(seed).with_customers(40).open().unwrap().to_csv();
    assert_eq!(table(3), table(3));
    assert_ne!(table(3), table(4));
}

#[test]
fn the_first_customers_of_a_larger_shop_are_those_of_a_smaller_one() {
    let lives = |customers| -> Vec<_> {
        let table = shop(5).with_customers(customers).open().unwrap();
        let of_the_first = table.orders().iter().filter(|o| *o.customer <= *"c00030");
        of_the_first
            .map(|o| (o.customer.clone(), o.purchased_at, o.paid, o.score))
            .collect()
    };
    assert_eq!(lives(30), lives(90));
}

#[test]
fn the_table_holds_together() {
    let table = shop(6).open().unwrap();
    let until = table.observed_until();
    assert!(table.orders().is_sorted_by_key(|order| order.purchased_at));
    let mut statuses = BTreeMap::new();
    for order in table.orders() {
        *statuses.entry(order.status.to_string()).or_insert(0) += 1;
        let delivered = order.status == OrderStatus::Delivered;
        assert_eq!(delivered, order.delivered_at.is_some());
        assert!(
            order
                .delivered_at
                .is_none_or(|at| at > order.purchased_at && at < until)
        );
        assert_eq!(order.score.is_some(), order.answered_at.is_some());
        assert!(
            order
                .answered_at
                .is_none_or(|at| Some(at) > order.delivered_at && at < until)
        );
        assert!(order.score.is_none_or(|score| (1..=5).contains(&score)));
        assert!(order.asked_date.is_none() || delivered);
        assert!(order.paid.minor() > 0);
        assert!(order.purchased_at < until);
    }
    assert_eq!(statuses.len(), 3, "{statuses:?}");
    let csv = table.to_csv();
    assert_eq!(csv.lines().count(), table.orders().len() + 1);
    assert!(csv.lines().all(|line| line.split(',').count() == 13));
}

#[test]
fn an_empty_shop_and_an_endless_window_are_answered_plainly() {
    assert_eq!(
        shop(1)
            .with_customers(0)
            .open()
            .unwrap()
            .to_csv()
            .lines()
            .count(),
        1
    );
    let moment = Span::from_days(0.0).unwrap();
    let closed = shop(1).with_window(moment).unwrap().open().unwrap();
    assert!(closed.orders().is_empty());
    let ages = Span::new(101.0, TimeUnit::Year).unwrap();
    assert!(shop(1).with_window(ages).is_err());
    assert!(Buying::new(1.0, 0.0, 1.0, 1.0).is_err());
    assert!(Spending::new(1.0, 1.0, f64::NAN).is_err());
    assert!(ScoreResponse::new([4.0, 0.0, 1.0, 0.2, 4.5, 1.0]).is_err());
    assert_eq!(shop(1).late_probability("moon", "books", 1), None);
    assert_eq!(shop(1).late_probability("north", "books", 13), None);
}

#[test]
fn lateness_follows_region_category_and_month() {
    let shop = shop(11).with_customers(12_000);
    let table = shop.open().unwrap();
    let mut cells: BTreeMap<String, [f64; 3]> = BTreeMap::new();
    for order in settled(table.orders(), table.observed_until()) {
        let month = order.purchased_at.to_utc().unwrap().month();
        let planted = shop
            .late_probability(&order.region, &order.category, month)
            .unwrap();
        let late = f64::from(u8::from(order.days_late().unwrap() > 0));
        for cell in [&order.region, &order.category, &format!("month {month}")] {
            let [found, expected, variance] = cells.entry(cell.clone()).or_default();
            *found += late;
            *expected += planted;
            *variance += planted * (1.0 - planted);
        }
    }
    assert_eq!(cells.len(), 4 + 4 + 12);
    for (cell, [found, expected, variance]) in cells {
        assert!(variance > 20.0, "{cell} is too small to say anything");
        assert_near(&cell, found, expected, variance.sqrt());
    }
}

#[test]
fn scores_hardly_move_on_the_early_side_and_fall_on_the_late_side() {
    let shop = shop(12).with_customers(12_000);
    let table = shop.open().unwrap();
    let [on_day, per_day_early, drop, per_day_late, floor, _] = shop.score_response().parameters();
    let (mut early, mut late) = (Vec::new(), Vec::new());
    for order in table.orders() {
        let (Some(days), Some(score)) = (order.days_late(), order.score) else {
            continue;
        };
        let point = (days as f64, f64::from(score));
        if days <= 0 {
            early.push(point);
        } else if on_day - drop - per_day_late * point.0 >= floor {
            // Beyond the floor the planted curve is no straight line.
            late.push(point);
        }
    }
    let [intercept, slope] = least_squares(&early);
    assert_near(
        "score on the promised day",
        intercept.0,
        on_day,
        intercept.1,
    );
    assert_near("slope while early", slope.0, -per_day_early, slope.1);
    assert!(slope.1 < 0.01);
    let [intercept, slope] = least_squares(&late);
    assert_near("score just late", intercept.0, on_day - drop, intercept.1);
    assert_near("slope while late", slope.0, -per_day_late, slope.1);
    assert!(slope.1 < 0.02);
}

#[test]
fn the_disappointed_answer_more_readily() {
    let table = shop(13).with_customers(6_000).open().unwrap();
    for (is_late, planted) in [(false, 0.55), (true, 0.70)] {
        let answered: Vec<f64> = settled(table.orders(), table.observed_until())
            .iter()
            .filter(|order| (order.days_late() > Some(0)) == is_late)
            .map(|order| f64::from(u8::from(order.score.is_some())))
            .collect();
        let (found, error) = mean_and_error(&answered);
        assert_near("answers", found, planted, error);
    }
}

#[test]
fn orders_are_worth_what_was_planted() {
    let spending = Spending::new(6.0, 5.0, 40.0).unwrap();
    let table = shop(14)
        .with_customers(8_000)
        .with_spending(spending)
        .open()
        .unwrap();
    // One order per customer: the first, so that customers count alike.
    let mut first = BTreeMap::new();
    for order in table.orders() {
        first.entry(&order.customer).or_insert(order.paid.major());
    }
    let amounts: Vec<f64> = first.into_values().collect();
    let (mean, error) = mean_and_error(&amounts);
    assert_near("mean order", mean, spending.mean_order(), error);
    // E Z² = p (p + 1) γ² / ((q − 1) (q − 2)).
    let squares: Vec<f64> = amounts.iter().map(|z| z * z).collect();
    let (mean, error) = mean_and_error(&squares);
    assert_near("mean square", mean, 6.0 * 7.0 * 1600.0 / (4.0 * 3.0), error);
}

/// Days from each customer's first order to the second, and the number of orders, without letdowns.
fn lives(shop: Shop) -> BTreeMap<String, Vec<f64>> {
    let table = shop.with_letdown_leaves(Probability::ZERO).open().unwrap();
    let until = table.observed_until();
    let mut lives: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for order in table.orders() {
        let days = until.days_since(order.purchased_at);
        lives.entry(order.customer.clone()).or_default().push(days);
    }
    lives
}

#[test]
fn without_letdowns_first_returns_come_as_bg_nbd_says() {
    let [r, alpha, ..] = Buying::default().parameters();
    // Nobody leaves before the first repeat purchase: P(returned within t) = 1 − (α / (α + t))^r.
    let (mut found, mut expected, mut variance) = (0.0, 0.0, 0.0);
    for days_before_end in lives(shop(15).with_customers(8_000)).values() {
        let weeks = days_before_end[0] / 7.0;
        let planted = 1.0 - (alpha / (alpha + weeks)).powf(r);
        found += f64::from(u8::from(days_before_end.len() > 1));
        expected += planted;
        variance += planted * (1.0 - planted);
    }
    assert_near("customers who came back", found, expected, variance.sqrt());
}

#[test]
fn without_letdowns_leaving_is_beta_distributed() {
    // Everybody buys about weekly, so that ten years are forever.
    let buying = Buying::new(20.0, 20.0, 1.2, 3.0).unwrap();
    let ten_years = Span::new(10.0, TimeUnit::Year).unwrap();
    let shop = shop(16).with_customers(4_000).with_buying(buying);
    let lives = lives(shop.with_window(ten_years).unwrap());
    let repeats: Vec<usize> = lives.values().map(|life| life.len() - 1).collect();
    // P(exactly k repeats) = B(a + 1, b + k − 1) / B(a, b).
    let (a, b) = (1.2, 3.0);
    let n = repeats.len() as f64;
    let mut planted = a / (a + b);
    for k in 1..=8 {
        let found = repeats.iter().filter(|&&x| x == k).count() as f64;
        let error = (n * planted * (1.0 - planted)).sqrt();
        assert_near(&format!("{k} repeats"), found, n * planted, error);
        let k = k as f64;
        planted *= (b + k - 1.0) / (a + b + k);
    }
}

/// For each first letdown that was told (late, answered with 3 or less): whether an order followed the delivery.
fn returns_after_first_letdown(leave: f64) -> Vec<f64> {
    let shop = shop(17)
        .with_customers(12_000)
        .with_late(Probability::new(0.3).unwrap())
        .with_answers(Probability::ONE, Probability::ONE)
        .with_letdown_leaves(Probability::new(leave).unwrap());
    let table = shop.open().unwrap();
    let mut last: BTreeMap<&str, _> = BTreeMap::new();
    for order in table.orders() {
        last.insert(&order.customer, order.purchased_at);
    }
    let mut first: BTreeMap<&str, f64> = BTreeMap::new();
    let mut orders = settled(table.orders(), table.observed_until());
    orders.sort_by_key(|order| order.delivered_at);
    for order in orders {
        if order.days_late() > Some(0) && order.score.is_some_and(|score| score <= 3) {
            let customer = order.customer.as_str();
            let returned = Some(last[customer]) > order.delivered_at;
            first
                .entry(customer)
                .or_insert(f64::from(u8::from(returned)));
        }
    }
    first.into_values().collect()
}

#[test]
fn letdowns_drive_as_many_away_as_planted() {
    let (faithful, faithful_error) = mean_and_error(&returns_after_first_letdown(0.0));
    let (found, error) = mean_and_error(&returns_after_first_letdown(0.35));
    let planted = 0.65 * faithful;
    assert_near(
        "returns",
        found,
        planted,
        error.hypot(0.65 * faithful_error),
    );
    assert!(found + 4.0 * error < faithful, "the effect is plain to see");
    let (none, _) = mean_and_error(&returns_after_first_letdown(1.0));
    assert!(
        none == 0.0,
        "nobody returns when every letdown drives away: {none}"
    );
}

#[cfg(feature = "serde")]
#[test]
fn a_stored_shop_opens_the_same_and_a_tampered_one_is_refused() {
    let shop = shop(18).with_customers(20);
    let stored = serde_json::to_string(&shop).unwrap();
    let loaded: Shop = serde_json::from_str(&stored).unwrap();
    assert_eq!(loaded, shop);
    let table = shop.open().unwrap();
    assert_eq!(loaded.open().unwrap(), table);
    let rows = serde_json::to_string(&table).unwrap();
    let reread: tillit::simulate::SimulatedOrders = serde_json::from_str(&rows).unwrap();
    assert_eq!(reread, table);
    for (good, bad) in [
        ("\"window\":730.0", "\"window\":73000000.0"),
        ("\"letdown_leaves\":0.35", "\"letdown_leaves\":1.35"),
        ("[6.0,4.0,35.0]", "[6.0,1.0,35.0]"),
        ("\"EUR\"", "\"euro\""),
    ] {
        assert!(stored.contains(good), "{stored}");
        let tampered = stored.replace(good, bad);
        assert!(serde_json::from_str::<Shop>(&tampered).is_err(), "{bad}");
    }
}
