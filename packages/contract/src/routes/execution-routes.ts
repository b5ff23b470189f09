import { z } from "zod";
import { defineRoute, INSTANCE_ERRORS } from "../route.ts";
import {
  ExecuteBody,
  ExecutedPipeline,
  ExecutionAddress,
  ExecutionLogQuery,
  ExecutionLogs,
  ExecutionPage,
  ExecutionQuery,
  ExecutionStarted,
  ExecutionView,
  ExecutionWork,
  PipelineWebhookAddress,
  PipelineWebhookBody,
  PipelineWebhookMessage,
  PipelineWebhookView,
} from "../schemas/executions.ts";

const area = "Executions";
const PIPELINE = "/api/v1/pipelines/{pipeline}";
const EXECUTION = "/api/v1/executions/{execution}";
const PLACE_ERRORS = [
  "EXECUTION_ENVIRONMENT_UNKNOWN",
  "EXECUTION_ENVIRONMENT_WIDE",
  "EXECUTION_INSTANCE_NONE",
  "EXECUTION_INSTANCE_OPEN",
  "IDEMPOTENCY_KEY_REUSED",
  "INSTANCE_UNKNOWN",
  "PIPELINE_INVALID",
  "PIPELINE_UNKNOWN",
] as const;

export const executePipeline = defineRoute({
  id: "executePipeline",
  method: "POST",
  path: `${PIPELINE}/execute`,
  area,
  summary: "Execute a pipeline, also one that was never deployed",
  description:
    "Recorded before it is answered. The newest version is brought to the instance where it is not there, and one run is started once the engine is proven to have that version. With Idempotency-Key a repeated request answers the same execution.",
  permission: "execution:start",
  audited: true,
  params: ExecutedPipeline,
  body: ExecuteBody,
  response: ExecutionStarted,
  errors: PLACE_ERRORS,
  example: {
    params: { pipeline: "3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11" },
    body: { params: { day: "2026-11-20" } },
  },
});

export const listExecutions = defineRoute({
  id: "listExecutions",
  method: "GET",
  path: "/api/v1/executions",
  area,
  summary: "List executions, newest first",
  description: "Runs of pipelines that the engine or a person started in the engine are here as well.",
  permission: "execution:read",
  query: ExecutionQuery,
  response: ExecutionPage,
  errors: ["CURSOR_INVALID"],
});

export const getExecution = defineRoute({
  id: "getExecution",
  method: "GET",
  path: EXECUTION,
  area,
  summary: "Show an execution with what each node did",
  permission: "execution:read",
  params: ExecutionAddress,
  response: ExecutionView,
  errors: ["EXECUTION_UNKNOWN"],
});

export const monitorExecution = defineRoute({
  id: "monitorExecution",
  method: "POST",
  path: `${EXECUTION}/monitor`,
  area,
  summary: "Read the run of an execution now, instead of waiting for the next report or poll",
  permission: "execution:read",
  params: ExecutionAddress,
  response: ExecutionWork,
  errors: [...INSTANCE_ERRORS, "EXECUTION_UNKNOWN"],
});

export const cancelExecution = defineRoute({
  id: "cancelExecution",
  method: "POST",
  path: `${EXECUTION}/cancel`,
  area,
  summary: "Cancel an execution that is pending or running, for ever",
  description: "When its run was not started it never will be; else it is stopped.",
  permission: "execution:cancel",
  audited: true,
  params: ExecutionAddress,
  response: ExecutionWork,
  errors: ["EXECUTION_NOT_CANCELLABLE", "EXECUTION_UNKNOWN"],
});

export const getExecutionLogs = defineRoute({
  id: "getExecutionLogs",
  method: "GET",
  path: `${EXECUTION}/logs`,
  area,
  summary: "Show what each try of each task wrote",
  permission: "log:read",
  params: ExecutionAddress,
  query: ExecutionLogQuery,
  response: ExecutionLogs,
  errors: ["EXECUTION_UNKNOWN"],
});

export const getPipelineWebhook = defineRoute({
  id: "getPipelineWebhook",
  method: "GET",
  path: `${PIPELINE}/webhook`,
  area,
  summary: "Show the address that starts a pipeline, with the secret that signs messages to it",
  permission: "pipeline:write",
  params: ExecutedPipeline,
  response: PipelineWebhookView,
  errors: ["PIPELINE_WEBHOOK_UNKNOWN"],
});

export const rotatePipelineWebhook = defineRoute({
  id: "rotatePipelineWebhook",
  method: "POST",
  path: `${PIPELINE}/webhook`,
  area,
  summary: "Make an address that starts a pipeline, in place of the present one",
  permission: "pipeline:write",
  audited: true,
  params: ExecutedPipeline,
  body: PipelineWebhookBody,
  response: PipelineWebhookView,
  errors: ["PIPELINE_UNKNOWN", "VERSION_CONFLICT"],
});

export const revokePipelineWebhook = defineRoute({
  id: "revokePipelineWebhook",
  method: "DELETE",
  path: `${PIPELINE}/webhook`,
  area,
  summary: "Take the address away",
  permission: "pipeline:write",
  audited: true,
  params: ExecutedPipeline,
  response: z.undefined(),
  status: 204,
  errors: ["PIPELINE_WEBHOOK_UNKNOWN", "VERSION_CONFLICT"],
});

export const callPipelineWebhook = defineRoute({
  id: "callPipelineWebhook",
  method: "POST",
  path: `${PIPELINE}/webhook/{token}`,
  area,
  summary: "Start a pipeline by its webhook",
  description:
    "Of the body, a JSON object, only what the pipeline's default_params name is taken. A message that comes again under the same webhook-id (or Idempotency-Key) starts nothing more.",
  permission: "public",
  proof: "signature",
  audited: true,
  params: PipelineWebhookAddress,
  body: PipelineWebhookMessage,
  response: ExecutionStarted,
  errors: [...PLACE_ERRORS, "PIPELINE_WEBHOOK_BODY", "PIPELINE_WEBHOOK_REFUSED", "PIPELINE_WEBHOOK_SIGNATURE"],
});
