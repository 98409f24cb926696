import draft04, { type ErrorObject, type ValidateFunction } from "ajv-draft-04";
import metadataSchema from "./metadata.schema.json" with { type: "json" };
import nbgraderSchema from "./nbgrader.schema.json" with { type: "json" };
import notebookSchema from "./notebook.schema.json" with { type: "json" };

/** The definitions that are asked for, by schema; the schemas' other definitions are parts of these. */
interface Definitions {
  readonly notebook: "notebook" | "code" | "markdown" | "raw" | "stream" | "display_data" | "execute_result" | "error";
  readonly "gradbook-metadata": "cell" | "notebook";
  readonly nbgrader: "cell";
}

// Schemas take some milliseconds to compile: done at the first use of each, once.
let ajv: InstanceType<typeof draft04.default> | undefined;

function validator(schema: keyof Definitions, definition: string): ValidateFunction {
  if (ajv === undefined) {
    ajv = new draft04.default({ allErrors: true, allowUnionTypes: true, strictTypes: false });
    for (const each of [notebookSchema, metadataSchema, nbgraderSchema]) ajv.addSchema(each);
  }
  const compiled = ajv.getSchema(`${schema}#/definitions/${definition}`);
  if (compiled === undefined) throw new Error(`There is no definition ${definition} in the schema ${schema}.`);
  return compiled as ValidateFunction;
}

/** What is wrong with a value by one definition of a schema, as sentences without a subject's place; empty where nothing is. */
export function faultsOf<S extends keyof Definitions>(
  schema: S,
  definition: Definitions[S],
  value: unknown,
): readonly string[] {
  const validate = validator(schema, definition);
  if (validate(value)) return [];
  return [...new Set((validate.errors ?? []).map(sentenceOf))];
}

function sentenceOf(error: ErrorObject): string {
  const path = error.instancePath.split("/").slice(1).map(unescapePointer);
  const subject = path.length === 0 ? "it" : `"${path.join(".")}"`;
  const parameters: Readonly<Record<string, unknown>> = error.params;
  switch (error.keyword) {
    case "required":
      return `${subject} has no "${String(parameters["missingProperty"])}"`;
    case "additionalProperties":
      return `${subject} has "${String(parameters["additionalProperty"])}", which the format does not know`;
    case "type":
      return `${subject} is not ${kinds(parameters["type"])}`;
    case "enum":
      return `${subject} is not one of ${JSON.stringify(parameters["allowedValues"])}`;
    case "pattern":
      return `${subject} holds characters that are not allowed there`;
    case "uniqueItems":
      return `${subject} holds the same entry twice`;
    default:
      return `${subject} ${error.message ?? "is not valid"}`;
  }
}

const articles: Readonly<Record<string, string>> = {
  string: "text",
  array: "a list",
  object: "an object",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  null: "null",
};

function kinds(type: unknown): string {
  const names = Array.isArray(type) ? type : String(type).split(",");
  return names.map((name) => articles[String(name)] ?? String(name)).join(" or ");
}

const unescapePointer = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~");
