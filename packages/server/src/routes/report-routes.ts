import { ROUTES } from "@airfleet/contract";
import type { Actor, Control, KeptEventSource } from "@airfleet/control";
import { AirfleetError, type EventSource, isAirfleetError } from "@airfleet/model";
import { canSee } from "../access/authorize.ts";
import { readIfMatch, toETag } from "../http/version-tag.ts";
import {
  toEventSourceView,
  toReceiptView,
  toReceivedReportView,
  toReceptionView,
  toRejectedView,
  toReportView,
} from "../views/report-view.ts";
import { bind } from "./bind.ts";
import { given } from "./given.ts";
import { covers, listedInstances, requireCover } from "./scope.ts";

/** Messages as text again: what is understood of them is decided where those of queues are. */
const toTexts = (body: unknown): readonly string[] =>
  (Array.isArray(body) ? body : [body]).map((one) => JSON.stringify(one));

/** What a source may speak of: its one instance, else whatever a message names. */
const reachOf = ({ instance }: EventSource): readonly string[] => (instance === undefined ? ["*"] : [instance]);

const findSource = async (control: Control, actor: Actor, id: string): Promise<KeptEventSource | undefined> => {
  const kept = await control.eventSources.get(id).catch((error: unknown) => {
    if (isAirfleetError(error, "DOCUMENT_UNKNOWN")) return undefined;
    throw error;
  });
  return kept !== undefined && covers(actor, reachOf(kept.source)) ? kept : undefined;
};

/** @throws {AirfleetError} DOCUMENT_UNKNOWN */
const getSource = async (control: Control, actor: Actor, id: string): Promise<KeptEventSource> => {
  const kept = await findSource(control, actor, id);
  if (kept === undefined) throw new AirfleetError("DOCUMENT_UNKNOWN", { kind: "event source", id });
  return kept;
};

/** Messages about runs, and where they come from. */
export const reportRoutes = {
  postReports: bind(ROUTES.postReports, async ({ actor, body, control, params }) =>
    toReceiptView(await control.reports.postToInstance(actor, params.instance, toTexts(body))),
  ),

  postSourceReports: bind(ROUTES.postSourceReports, async ({ actor, body, control, params }) =>
    toReceiptView(await control.reports.postToSource(actor, params.source, toTexts(body))),
  ),

  listRunReports: bind(ROUTES.listRunReports, async ({ actor, control, params, query }) => {
    // Refuses a run that the actor does not see.
    await control.runs.get(params.run, (instance) => canSee(actor, instance));
    const page = await control.reports.list({
      run: params.run,
      limit: query.limit,
      ...given({ after: query.cursor }),
    });
    return { items: page.items.map(toReportView), next_cursor: page.next };
  }),

  listReports: bind(ROUTES.listReports, async ({ actor, control, query }) => {
    const instances = await listedInstances(control, actor, query.instance, "report:read");
    const page = await control.reports.listArrivals({
      limit: query.limit,
      ...given({
        instances,
        dagIds: query.dag_id,
        outcome: query.outcome,
        since: query.since,
        after: query.cursor,
      }),
    });
    return { items: page.items.map(toReceivedReportView), next_cursor: page.next };
  }),

  listRejectedReports: bind(ROUTES.listRejectedReports, async ({ actor, control, query }) => {
    const page = await control.reports.listRejected(actor, { limit: query.limit, ...given({ after: query.cursor }) });
    return { items: page.items.map(toRejectedView), next_cursor: page.next };
  }),

  retryRejectedReport: bind(ROUTES.retryRejectedReport, async ({ actor, control, params }) =>
    toReceptionView(await control.reports.retry(actor, params.report)),
  ),

  retryRejectedReports: bind(ROUTES.retryRejectedReports, async ({ actor, control }) => ({
    ...(await control.reports.retryAll(actor)),
  })),

  dropRejectedReport: bind(ROUTES.dropRejectedReport, async ({ actor, control, params }) => {
    await control.reports.drop(actor, params.report);
    return undefined;
  }),

  listEventSources: bind(ROUTES.listEventSources, async ({ actor, control }) => {
    const sources = await control.eventSources.list();
    const visible = sources.filter(({ source }) => covers(actor, reachOf(source)));
    return { items: visible.map(toEventSourceView), next_cursor: null };
  }),

  getEventSource: bind(ROUTES.getEventSource, async ({ actor, control, params, setHeader }) => {
    const kept = await getSource(control, actor, params.source);
    setHeader("etag", toETag(kept.version));
    return toEventSourceView(kept);
  }),

  putEventSource: bind(
    ROUTES.putEventSource,
    async ({ actor, body, control, header, params, setHeader, setStatus }) => {
      await requireCover(control, actor, reachOf(body), "webhook:write");
      const isNew = header("if-match") === undefined && (await findSource(control, actor, params.source)) === undefined;
      const versionOf = ({ version }: KeptEventSource): number =>
        readIfMatch(header("if-match"), `event source "${params.source}"`, version);
      const version = isNew ? undefined : versionOf(await getSource(control, actor, params.source));
      const kept = await control.eventSources.put(actor, params.source, body, version);
      setHeader("etag", toETag(kept.version));
      if (isNew) {
        setStatus(201);
        setHeader("location", `/api/v1/event-sources/${params.source}`);
      }
      return toEventSourceView(kept);
    },
  ),

  deleteEventSource: bind(ROUTES.deleteEventSource, async ({ actor, control, header, params }) => {
    const { version } = await getSource(control, actor, params.source);
    const named = readIfMatch(header("if-match"), `event source "${params.source}"`, version);
    await control.eventSources.remove(actor, params.source, named);
    return undefined;
  }),
};
