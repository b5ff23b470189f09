/** What the made-up organisation works on: a library and archive network with a shop, as many users of Airflow know it. */
export const DOMAINS = [
  "finding_aids",
  "collections",
  "catalogue",
  "newspapers",
  "maps",
  "loans",
  "shop_orders",
  "shop_stock",
  "members",
  "web_archive",
  "images",
  "theses",
  "audio",
  "donations",
  "events",
  "search_index",
] as const;

/** What is done with it, and how such a pipeline is cut into tasks. */
export const WORKS = [
  { name: "harvest", tasks: ["list_sources", "fetch_records", "validate", "store_raw"] },
  { name: "index", tasks: ["read_changes", "build_documents", "publish"] },
  { name: "export", tasks: ["select_rows", "write_parquet", "upload", "notify"] },
  { name: "clean", tasks: ["load", "deduplicate", "normalise_dates", "save"] },
  { name: "report", tasks: ["collect_figures", "render", "send_mail"] },
  { name: "sync", tasks: ["fetch_remote", "compare", "apply_changes"] },
  { name: "enrich", tasks: ["load", "match_authorities", "add_geodata", "save"] },
  { name: "thumbnails", tasks: ["find_new", "resize", "store"] },
  { name: "quality", tasks: ["sample", "check_rules", "score"] },
  { name: "backup", tasks: ["snapshot", "copy", "verify"] },
] as const;

/** Teams: owners of DAGs, and their `team:` tags. */
export const TEAMS = ["archives", "discovery", "digitisation", "shop", "platform", "members"] as const;

export const TIERS = ["tier1", "tier2", "tier3"] as const;

/** Schedules as people choose them; `null` is triggered by hand or by another system. */
export const SCHEDULES = [
  "@daily",
  "0 3 * * *",
  "30 2 * * *",
  "0 */6 * * *",
  "@hourly",
  "15 4 * * 1",
  "@weekly",
  null,
] as const;

/** Reasons why things fail, as they stand in logs. */
export const TROUBLES = [
  { type: "ConnectionError", value: "HTTPSConnectionPool(host='oai.example.org', port=443): Read timed out." },
  { type: "ValueError", value: "record 4711: date '31.02.2026' is out of range" },
  { type: "OperationalError", value: "server closed the connection unexpectedly" },
  { type: "KeyError", value: "'finding_aid_id'" },
] as const;

/** What a worker prints while it goes about a task. */
export const PROGRESS = [
  "Connecting to the source",
  "1200 records read",
  "1187 records accepted, 13 rejected",
  "Writing the result",
] as const;
