import type { PipelineSource } from "@airfleet/compiler";

const node = (id: string, type: string, moduleId: string, config: object) => ({
  id,
  type,
  position: { x: 0, y: 0 },
  data: { label: id, moduleId, config },
});

/** A pipeline of ten nodes with a join, a branch of rows and parameters; each number gives another one. */
export const samplePipeline = (number: number): PipelineSource => {
  const nodes = [
    node("orders", "extractor", "csv-extractor", { path: `orders/${number}/{{ params.day }}.csv` }),
    node("customers", "extractor", "postgres-extractor", {
      connection_id: "warehouse",
      query: `select * from customers where shop = ${number} and day = {{ params.day }}`,
    }),
    node("paid", "transformer", "filter", { condition: `amount > {{ params.minimum }} and shop = ${number}` }),
    node("clean", "transformer", "clean", { case: "lower" }),
    node("with-customer", "transformer", "join", { on: ["customer_id"], how: "left" }),
    node("total", "transformer", "map", { columns: [{ name: "total", expression: "price * quantity" }] }),
    node("checked", "transformer", "validate", { rules: [{ check: "not_null", column: "total" }] }),
    node("by-day", "transformer", "aggregate", {
      group_by: ["day"],
      aggregations: [{ function: "sum", column: "total", as: "revenue" }],
    }),
    node("load", "loader", "postgres-loader", { connection_id: "warehouse", table: `revenue_${number}` }),
    node("rejects", "loader", "csv-loader", { file_path: `rejects/${number}.csv` }),
  ];
  const edges = [
    { source: "orders", target: "paid" },
    { source: "paid", target: "clean" },
    { source: "clean", target: "with-customer", targetHandle: "left" },
    { source: "customers", target: "with-customer", targetHandle: "right" },
    { source: "with-customer", target: "total" },
    { source: "total", target: "checked" },
    { source: "checked", target: "by-day" },
    { source: "by-day", target: "load" },
    { source: "checked", target: "rejects", sourceHandle: "rejects" },
  ];
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
    name: `Revenue of shop ${number}`,
    config: { nodes, edges },
    tags: ["bench"],
    defaultParams: { day: "2026-11-20", minimum: 10 },
    schedule: {
      cron: "0 3 * * *",
      timeZone: "Europe/Paris",
      startDate: "2026-11-20T02:00:00.000Z",
      endDate: null,
      catchup: false,
    },
  };
};
