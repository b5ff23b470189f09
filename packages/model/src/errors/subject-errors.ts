import { defineErrors } from "./definition.ts";

/** What can go wrong with subjects and the rules that find them. */
export const subjectErrors = defineErrors({
  RULE_APPLICATION_UNKNOWN: {
    status: 404,
    retryable: false,
    message: "There is no application {application} of subject rules, or it ended long ago.",
  },
  SUBJECTS_TOO_MANY: {
    status: 422,
    retryable: false,
    message: "Run {run} would have more than {limit} subjects. Give fewer, or split the run.",
  },
  SUBJECT_RULES_NONE: {
    status: 409,
    retryable: false,
    message: "There is no enabled subject rule to apply. Write one with PUT /api/v1/subject-rules/<id> first.",
  },
  SUBJECT_UNKNOWN: {
    status: 404,
    retryable: false,
    message: 'There is no subject "{type}" "{id}". Subjects appear with their first run, or by PUT.',
  },
});
