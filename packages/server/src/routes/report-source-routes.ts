import { ROUTES } from "@airfleet/contract";
import type { Actor, Control, KeptReportSource } from "@airfleet/control";
import { AirfleetError, type InstanceId, isAirfleetError, type ReportSource } from "@airfleet/model";
import { canSee } from "../access/authorize.ts";
import { readIfMatch, toETag } from "../http/version-tag.ts";
import { toArrivalView, toDeliveryReceiptView, toReportSourceView } from "../views/report-source-view.ts";
import { bind } from "./bind.ts";
import { bindSigned } from "./bind-signed.ts";
import { findInstance } from "./open-request.ts";

const versionOf = async (control: Control, instance: InstanceId): Promise<number | undefined> => {
  try {
    return (await control.reportSources.get(instance)).version;
  } catch (error) {
    if (isAirfleetError(error, "DOCUMENT_UNKNOWN")) return undefined;
    throw error;
  }
};

const resourceOf = (instance: string): string => `report source "${instance}"`;

interface Write {
  readonly instance: InstanceId;
  readonly terms: ReportSource;
  readonly version: number | undefined;
}

/** Somebody who may not know of an instance is not told its name by a conflict with it either. */
const put = async (control: Control, actor: Actor, { instance, terms, version }: Write): Promise<KeptReportSource> => {
  try {
    return await control.reportSources.put(actor, instance, terms, version);
  } catch (error) {
    if (!isAirfleetError(error, "REPORT_BARE_PATHS_TAKEN") || canSee(actor, String(error.details["taken_by"])))
      throw error;
    throw new AirfleetError("REPORT_BARE_PATHS_TAKEN", { taken_by: "another instance" }, { cause: error });
  }
};

/** Who may report of an instance, and what they report. */
export const reportSourceRoutes = {
  sendReports: bindSigned(ROUTES.sendReports, async ({ control, ...posting }) =>
    toDeliveryReceiptView(await control.signedReports.receive(posting)),
  ),

  listReportArrivals: bind(ROUTES.listReportArrivals, async ({ actor, control, query }) => {
    const { instance: wanted, after } = query;
    if (wanted !== undefined) await findInstance(control, actor, wanted, "report:read");
    const { server, arrivals } = control.reportSources.arrivals(after);
    const seesAll = actor.instances.includes("*");
    const visible = arrivals.filter(({ instance }) =>
      wanted === undefined ? (instance === null ? seesAll : canSee(actor, instance)) : instance === wanted,
    );
    return { server, items: visible.map(toArrivalView), last: arrivals.at(-1)?.seq ?? after ?? 0 };
  }),

  listReportSources: bind(ROUTES.listReportSources, async ({ actor, control }) => {
    const kept = await control.reportSources.list();
    return { items: kept.filter(({ instance }) => canSee(actor, instance)).map(toReportSourceView), next_cursor: null };
  }),

  getReportSource: bind(ROUTES.getReportSource, async ({ control, params, setHeader }) => {
    const kept = await control.reportSources.get(params.instance);
    setHeader("etag", toETag(kept.version));
    return toReportSourceView(kept);
  }),

  putReportSource: bind(
    ROUTES.putReportSource,
    async ({ actor, body, control, header, params: { instance }, setHeader, setStatus }) => {
      const current = await versionOf(control, instance);
      const tag = header("if-match");
      if (tag !== undefined && current === undefined) {
        throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "report source", id: instance });
      }
      const version = current === undefined ? undefined : readIfMatch(tag, resourceOf(instance), current);
      const kept = await put(control, actor, { instance, terms: body, version });
      setHeader("etag", toETag(kept.version));
      if (version === undefined) {
        setStatus(201);
        setHeader("location", `/api/v1/report-sources/${instance}`);
      }
      return toReportSourceView(kept);
    },
  ),

  deleteReportSource: bind(ROUTES.deleteReportSource, async ({ actor, control, header, params: { instance } }) => {
    const { version } = await control.reportSources.get(instance);
    await control.reportSources.remove(actor, instance, readIfMatch(header("if-match"), resourceOf(instance), version));
    return undefined;
  }),
};
