import { ROUTES } from "@airfleet/contract";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import {
  toExecutionView,
  toLogsView,
  toPipelineWebhookView,
  toStartedView,
  toWorkView,
} from "../views/execution-view.ts";
import { bind } from "./bind.ts";
import { bindSigned } from "./bind-signed.ts";
import { given } from "./given.ts";
import { pagedOptions } from "./paged-options.ts";

/** Executions of pipelines. */
export const executionRoutes = {
  executePipeline: bind(ROUTES.executePipeline, async ({ actor, body, control, header, params, setHeader }) => {
    const { instance, environment } = body;
    const key = readIdempotencyKey(header("idempotency-key"));
    const ticket = await control.executions.execute(actor, {
      pipeline: params.pipeline,
      params: body.params,
      triggerType: body.trigger_type,
      ...given({ instance, environment, key }),
    });
    setHeader("location", `/api/v1/executions/${ticket.execution.id}`);
    if (ticket.isReplay) setHeader("idempotent-replayed", "true");
    return toStartedView(ticket);
  }),

  listExecutions: bind(ROUTES.listExecutions, async ({ actor, control, query }) => {
    const { pipeline_id: pipeline, status, trigger_type: triggerType, schedule_id: schedule } = query;
    const { page, ...options } = pagedOptions(query);
    const found = await control.executions.list(
      {
        ...options,
        counts: true,
        ...given({ pipeline, triggerType, schedule, statuses: status === undefined ? undefined : [status] }),
      },
      actor,
    );
    const items = found.items.map(toExecutionView);
    return {
      executions: items,
      items,
      next_cursor: found.next,
      total: found.total ?? 0,
      total_is_minimum: found.totalIsMinimum,
      page,
      page_size: query.page_size,
    };
  }),

  getExecution: bind(ROUTES.getExecution, async ({ actor, control, params }) =>
    toExecutionView(await control.executions.get(params.execution, actor)),
  ),

  monitorExecution: bind(ROUTES.monitorExecution, async ({ actor, control, params, signal }) =>
    toWorkView(await control.executions.monitor(params.execution, actor, signal), "Monitoring task submitted"),
  ),

  cancelExecution: bind(ROUTES.cancelExecution, async ({ actor, control, params }) =>
    toWorkView(await control.executions.cancel(params.execution, actor), "Cancellation task submitted"),
  ),

  getExecutionLogs: bind(ROUTES.getExecutionLogs, async ({ actor, control, params, query }) =>
    toLogsView(
      await control.executions.logs(params.execution, actor, { lines: query.lines, ...given({ task: query.task }) }),
    ),
  ),

  getPipelineWebhook: bind(ROUTES.getPipelineWebhook, async ({ control, params }) =>
    toPipelineWebhookView(await control.pipelineWebhooks.get(params.pipeline)),
  ),

  rotatePipelineWebhook: bind(ROUTES.rotatePipelineWebhook, async ({ actor, body, control, params }) => {
    const { instance, environment, require_signature: isSigned } = body;
    const terms = { place: given({ instance, environment }), isSigned };
    return toPipelineWebhookView(await control.pipelineWebhooks.rotate(actor, params.pipeline, terms));
  }),

  revokePipelineWebhook: bind(ROUTES.revokePipelineWebhook, async ({ actor, control, params }) => {
    await control.pipelineWebhooks.revoke(actor, params.pipeline);
    return undefined;
  }),

  callPipelineWebhook: bindSigned(ROUTES.callPipelineWebhook, async ({ control, bytes, header, ip, params }) => {
    const ticket = await control.pipelineWebhooks.receive(params["pipeline"] ?? "", params["token"] ?? "", {
      body: Buffer.from(bytes).toString("utf8"),
      id: header("webhook-id"),
      timestamp: header("webhook-timestamp"),
      signature: header("webhook-signature"),
      key: readIdempotencyKey(header("idempotency-key")),
      sourceIp: ip,
      requestId: null,
    });
    return toStartedView(ticket);
  }),
};
