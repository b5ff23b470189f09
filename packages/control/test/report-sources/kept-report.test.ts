import { isAirfleetError, toInstanceId } from "@airfleet/model";
import { expect, test } from "vitest";
import { readKeptReport } from "../../src/report-sources/kept-report.ts";
import { reportOf } from "./signing.ts";

const EU = toInstanceId("eu-1");

const codeOf = (kept: unknown): string => {
  try {
    readKeptReport(typeof kept === "string" ? kept : JSON.stringify(kept), EU);
    return "read";
  } catch (error) {
    return isAirfleetError(error) ? error.code : String(error);
  }
};

test("what was kept is read as what it was when it came", () => {
  expect(readKeptReport(JSON.stringify(reportOf()), EU)).toMatchObject({ format: "native", runState: "running" });
  const payload = { dag_id: "d", run_id: "r", state: "success", tasks: [], execution_date: "2018-12-10 19:12:51" };
  const old = { path: "/reports/eu-1/status", time_zone: "Europe/Paris", payload };
  expect(readKeptReport(JSON.stringify(old), EU)).toMatchObject({ format: "g0", logicalDate: "2018-12-10T18:12:51Z" });
});

test.each([
  [reportOf({ instance: "eu-2" }), "REPORT_WRONG_INSTANCE"],
  [{ dag_id: "d", dag_run_id: "r" }, "REPORT_INVALID"],
  [{ path: "/x/nonsense", time_zone: "UTC", payload: { dag_id: "d", run_id: "r" } }, "REPORT_FORMAT_UNKNOWN"],
  [7, "REPORT_INVALID"],
  ['{"version": 1, "event_id": "cut', "REPORT_UNREADABLE"],
])("%j still cannot be used", (kept, code) => {
  expect(codeOf(kept)).toBe(code);
});
