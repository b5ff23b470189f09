import { SubjectRule } from "@airfleet/model";
import { z } from "zod";
import { defineRoute, REPEATABLE_ERRORS } from "../route.ts";
import { page } from "../schemas/primitives.ts";
import {
  RuleApplicationParams,
  RuleApplicationView,
  SubjectRuleApply,
  SubjectRuleMatch,
  SubjectRuleMatchView,
  SubjectRuleParams,
  SubjectRuleView,
} from "../schemas/subject-rules.ts";

const area = "Subject rules";
const RULE = "/api/v1/subject-rules/{rule}";
const versionErrors = ["VERSION_CONFLICT", "VERSION_MISSING"] as const;
const findingAids = {
  dags: ["index_finding_aid"],
  subjects: [
    {
      type: "finding-aid",
      id: "{{ conf.finding_aid_id }}",
      label: "{{ conf.eadid }}",
      url: "https://cinco.example.org/admin/findingaids/findingaid/{{ conf.finding_aid_id }}/change/",
    },
  ],
};

export const listSubjectRules = defineRoute({
  id: "listSubjectRules",
  method: "GET",
  path: "/api/v1/subject-rules",
  area,
  summary: "List the rules that tell which objects a run is about, with what they have done",
  permission: "policy:read",
  response: page(SubjectRuleView),
  errors: [],
});

export const getSubjectRule = defineRoute({
  id: "getSubjectRule",
  method: "GET",
  path: RULE,
  area,
  summary: "Show a rule, with its version as ETag",
  permission: "policy:read",
  params: SubjectRuleParams,
  response: SubjectRuleView,
  errors: ["DOCUMENT_UNKNOWN"],
});

export const putSubjectRule = defineRoute({
  id: "putSubjectRule",
  method: "PUT",
  path: RULE,
  area,
  summary: "Write a rule: a new one without If-Match, one that is there with the ETag that was last read",
  description:
    "Runs that are observed from now on get their subjects by it, within seconds on every server. subject-rules/apply does the same for stored runs.",
  permission: "policy:write",
  audited: true,
  params: SubjectRuleParams,
  body: SubjectRule,
  response: SubjectRuleView,
  errors: ["DOCUMENT_EXISTS", "DOCUMENT_UNKNOWN", ...versionErrors],
  example: { params: { rule: "finding-aids" }, body: findingAids },
});

export const deleteSubjectRule = defineRoute({
  id: "deleteSubjectRule",
  method: "DELETE",
  path: RULE,
  area,
  summary: "Remove a rule; subjects that runs have by it stay",
  permission: "policy:write",
  audited: true,
  params: SubjectRuleParams,
  response: z.undefined(),
  status: 204,
  errors: ["DOCUMENT_UNKNOWN", ...versionErrors],
});

export const matchSubjectRules = defineRoute({
  id: "matchSubjectRules",
  method: "POST",
  path: "/api/v1/subject-rules/match",
  area,
  summary: "Show what a rule would make of the stored runs, and change nothing",
  permission: "policy:read",
  body: SubjectRuleMatch,
  response: SubjectRuleMatchView,
  errors: ["DOCUMENT_UNKNOWN", "INSTANCE_UNKNOWN", "RUN_KEY_UNKNOWN"],
  example: { body: { rule: findingAids, max_runs: 1_000 } },
});

export const applySubjectRules = defineRoute({
  id: "applySubjectRules",
  method: "POST",
  path: "/api/v1/subject-rules/apply",
  area,
  summary: "Apply rules to all stored runs, in the background",
  description:
    "The rules are taken as they are now. Goes on after a restart where it was; applying twice adds nothing twice.",
  permission: "policy:write",
  audited: true,
  body: SubjectRuleApply,
  response: RuleApplicationView,
  status: 202,
  errors: [...REPEATABLE_ERRORS, "DOCUMENT_UNKNOWN", "INSTANCE_UNKNOWN", "SUBJECT_RULES_NONE"],
  example: { body: { rule_ids: ["finding-aids"] } },
});

export const listRuleApplications = defineRoute({
  id: "listRuleApplications",
  method: "GET",
  path: "/api/v1/subject-rule-applications",
  area,
  summary: "List the latest applications of rules to stored runs, newest first",
  permission: "policy:read",
  response: page(RuleApplicationView),
  errors: [],
});

export const getRuleApplication = defineRoute({
  id: "getRuleApplication",
  method: "GET",
  path: "/api/v1/subject-rule-applications/{application}",
  area,
  summary: "Show how far an application has come",
  permission: "policy:read",
  params: RuleApplicationParams,
  response: RuleApplicationView,
  errors: ["RULE_APPLICATION_UNKNOWN"],
});

export const cancelRuleApplication = defineRoute({
  id: "cancelRuleApplication",
  method: "POST",
  path: "/api/v1/subject-rule-applications/{application}/cancel",
  area,
  summary: "Call off an application; what it has added stays",
  permission: "policy:write",
  audited: true,
  params: RuleApplicationParams,
  response: RuleApplicationView,
  errors: ["RULE_APPLICATION_UNKNOWN"],
});
