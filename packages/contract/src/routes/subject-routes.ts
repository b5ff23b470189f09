import { z } from "zod";
import { defineRoute, REPEATABLE_ERRORS } from "../route.ts";
import { FleetRunView, RunKeyParams } from "../schemas/fleet-runs.ts";
import { page, PageQuery } from "../schemas/primitives.ts";
import { StateWordsQuery } from "../schemas/state-words.ts";
import {
  RunSubjectParams,
  RunSubjectsAdd,
  RunSubjectsAdded,
  RunSubjectView,
  SubjectAddress,
  SubjectByRefQuery,
  SubjectDescription,
  SubjectListQuery,
  SubjectLookup,
  SubjectLookupAnswer,
  SubjectRunsQuery,
  SubjectView,
} from "../schemas/subjects.ts";

const area = "Subjects";
const SUBJECT = "/api/v1/subjects/{type}/{id}";
const example = { params: { type: "finding-aid", id: "ark:/13030/kt1b69q8d0" } };

export const listSubjects = defineRoute({
  id: "listSubjects",
  method: "GET",
  path: "/api/v1/subjects",
  area,
  summary: "List the business objects that runs are about",
  description:
    "By type and id; with no_success_for those gone longest without a success first. A caller who sees some instances sees subjects with runs there, and counts of these.",
  permission: "subject:read",
  query: SubjectListQuery,
  response: page(SubjectView),
  errors: ["CURSOR_INVALID", "INSTANCE_UNKNOWN"],
  example: { query: { type: "finding-aid", no_success_for: "7d" } },
});

export const getSubject = defineRoute({
  id: "getSubject",
  method: "GET",
  path: SUBJECT,
  area,
  summary: "Show a subject: its last success, current run, last failure and counts",
  description:
    "The id is percent-encoded, slashes too (%2F). Some proxies decode or refuse such paths; then use subjects/by-ref, or subjects/lookup for ids of any length.",
  permission: "subject:read",
  params: SubjectAddress,
  query: StateWordsQuery,
  response: SubjectView,
  errors: ["SUBJECT_UNKNOWN"],
  example,
});

export const getSubjectByRef = defineRoute({
  id: "getSubjectByRef",
  method: "GET",
  path: "/api/v1/subjects/by-ref",
  area,
  summary: "The same, with type and id in the query, which every proxy leaves alone",
  permission: "subject:read",
  query: SubjectByRefQuery,
  response: SubjectView,
  errors: ["SUBJECT_UNKNOWN"],
  example: { query: { type: "finding-aid", id: "ark:/13030/kt1b69q8d0" } },
});

export const lookupSubjects = defineRoute({
  id: "lookupSubjects",
  method: "POST",
  path: "/api/v1/subjects/lookup",
  area,
  summary: "Show up to 100 subjects at once, named in the body; null for one that is not known",
  description: "For lists of an application's own objects. Reads only.",
  permission: "subject:read",
  body: SubjectLookup,
  response: SubjectLookupAnswer,
  errors: [],
  example: { body: { subjects: [{ type: "finding-aid", id: "ark:/13030/kt1b69q8d0" }], state_words: "cinco" } },
});

export const listSubjectRuns = defineRoute({
  id: "listSubjectRuns",
  method: "GET",
  path: `${SUBJECT}/runs`,
  area,
  summary: "List the runs about a subject on all instances, newest due first",
  permission: "subject:read",
  params: SubjectAddress,
  query: SubjectRunsQuery,
  response: page(FleetRunView),
  errors: ["CURSOR_INVALID", "INSTANCE_UNKNOWN", "SUBJECT_UNKNOWN"],
  example,
});

export const putSubject = defineRoute({
  id: "putSubject",
  method: "PUT",
  path: SUBJECT,
  area,
  summary: "Give a subject a label and a link to its owner's page; creates it when it is new",
  description: "Null takes away, what is absent stays. Who sees some instances only changes subjects with runs there.",
  permission: "subject:write",
  audited: true,
  params: SubjectAddress,
  query: StateWordsQuery,
  body: SubjectDescription,
  response: SubjectView,
  errors: ["SUBJECT_UNKNOWN"],
  example: { ...example, body: { label: "Papers of A. Writer", url: "https://cinco.example.org/findingaids/123" } },
});

export const deleteSubject = defineRoute({
  id: "deleteSubject",
  method: "DELETE",
  path: SUBJECT,
  area,
  summary: "Forget a subject and its links; its runs stay",
  description: "A rule or a trigger may bring it back. Needs a token for all instances, as it has runs anywhere.",
  permission: "subject:write",
  audited: true,
  params: SubjectAddress,
  response: z.undefined(),
  status: 204,
  errors: ["SUBJECT_UNKNOWN"],
  example,
});

export const listRunSubjects = defineRoute({
  id: "listRunSubjects",
  method: "GET",
  path: "/api/v1/runs/{run}/subjects",
  area,
  summary: "List what a run is about, by type and id",
  permission: "subject:read",
  params: RunKeyParams,
  query: z.strictObject(PageQuery),
  response: page(RunSubjectView),
  errors: ["CURSOR_INVALID", "RUN_KEY_UNKNOWN"],
});

export const addRunSubjects = defineRoute({
  id: "addRunSubjects",
  method: "POST",
  path: "/api/v1/runs/{run}/subjects",
  area,
  summary: "Say what a run is about, also from a task of the run itself",
  description: "Adding what is there already changes nothing but its label and link.",
  permission: "subject:write",
  audited: true,
  params: RunKeyParams,
  body: RunSubjectsAdd,
  response: RunSubjectsAdded,
  errors: [...REPEATABLE_ERRORS, "RUN_KEY_UNKNOWN", "SUBJECTS_TOO_MANY"],
  example: { body: { subjects: [{ type: "finding-aid", id: "123", label: "Papers of A. Writer" }] } },
});

export const removeRunSubject = defineRoute({
  id: "removeRunSubject",
  method: "DELETE",
  path: "/api/v1/runs/{run}/subjects/{type}/{id}",
  area,
  summary: "Take one subject from a run",
  permission: "subject:write",
  audited: true,
  params: RunSubjectParams,
  response: z.undefined(),
  status: 204,
  errors: ["RUN_KEY_UNKNOWN", "SUBJECT_UNKNOWN"],
});
