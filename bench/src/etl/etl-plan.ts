import { compilePlan, createModuleCatalogue } from "@airfleet/compiler";
import type { Plan } from "@airfleet/model";

/** What stands where the pipeline looks for it. */
export const ORDERS = "orders.csv";
export const CUSTOMERS = "customers.csv";
export const CONNECTION = "warehouse";

const node = (id: string, type: string, moduleId: string, config: Readonly<Record<string, unknown>>) => ({
  id,
  type,
  data: { moduleId, config },
});
const table = (name: string) => ({ connection_id: CONNECTION, table: name, mode: "append" });

const CONFIG = {
  nodes: [
    node("orders", "extractor", "csv-extractor", { path: ORDERS }),
    node("customers", "extractor", "csv-extractor", { path: CUSTOMERS }),
    node("large", "transformer", "filter", { condition: "amount > 200 and qty >= 2" }),
    node("active", "transformer", "filter", { condition: "active" }),
    node("joined", "transformer", "join", { on: ["customer_id"] }),
    node("totals", "transformer", "map", { columns: [{ name: "total", expression: "amount * qty" }] }),
    node("groups", "transformer", "aggregate", {
      group_by: ["country", "category", "segment"],
      aggregations: [
        { function: "count", as: "n" },
        { function: "sum", column: "total", as: "total" },
        { function: "mean", column: "amount", as: "avg" },
      ],
    }),
    node("detail", "loader", "postgres-loader", table("orders_detail")),
    node("summary", "loader", "postgres-loader", table("orders_agg")),
  ],
  edges: [
    { source: "orders", target: "large" },
    { source: "customers", target: "active" },
    { source: "large", target: "joined", targetHandle: "left" },
    { source: "active", target: "joined", targetHandle: "right" },
    { source: "joined", target: "totals" },
    { source: "totals", target: "groups" },
    { source: "totals", target: "detail" },
    { source: "groups", target: "summary" },
  ],
};

/** CSV → filter → join → compute → aggregate → PostgreSQL, detail and aggregate: nine steps as a person draws them. */
export const etlPlan = (): Plan => {
  const id = "00000000-0000-4000-8000-000000000002";
  const { plan, findings } = compilePlan(
    { id, name: "Orders", config: CONFIG },
    { catalogue: createModuleCatalogue() },
  );
  if (plan === null) throw new Error(JSON.stringify(findings));
  return plan;
};
