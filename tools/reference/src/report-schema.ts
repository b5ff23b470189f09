import { reportJsonSchema } from "@airfleet/contract";

/** `docs/reference/report.schema.json`: what a report in our own format holds. */
export const renderReportSchema = (): string => `${JSON.stringify(reportJsonSchema(), null, 2)}\n`;
