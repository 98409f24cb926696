import type { Completeness, MimeBundle } from "../engine/engine.ts";

/**
 * Every request of the Jupyter protocol that this kernel answers, with what answers it. The wire's names follow from
 * these (`execute_request`, `execute_reply`), so a mislabelled reply does not compile.
 */
export interface Requests {
  kernel_info(content: Nothing): Answer<KernelInfo>;
  execute(content: ExecuteContent): ExecuteAnswer;
  complete(content: PositionContent): Answer<CompleteAnswer>;
  inspect(content: InspectContent): Answer<InspectAnswer>;
  is_complete(content: CodeContent): Completeness;
  history(content: HistoryContent): Answer<{ readonly history: readonly HistoryItem[] }>;
  comm_info(content: {
    readonly target: string | undefined;
  }): Answer<{ readonly comms: Readonly<Record<string, { readonly target_name: string }>> }>;
  create_subshell(content: Nothing): Answer<{ readonly subshell_id: string }>;
  delete_subshell(content: { readonly id: string }): Answer<Nothing>;
  list_subshell(content: Nothing): Answer<{ readonly subshell_id: readonly string[] }>;
  interrupt(content: Nothing): Answer<Nothing>;
  shutdown(content: ShutdownContent): Answer<ShutdownContent>;
  debug(content: DebugContent): DebugAnswer;
}

export type RequestName = keyof Requests;
export type RequestContent<Name extends RequestName> = Parameters<Requests[Name]>[0];
export type ReplyContent<Name extends RequestName> = ReturnType<Requests[Name]> | Failure;

/** What the kernel says to everybody, on iopub. */
export interface Broadcasts {
  status: { readonly execution_state: "starting" | "busy" | "idle" };
  execute_input: { readonly code: string; readonly execution_count: number };
  execute_result: { readonly execution_count: number; readonly data: MimeBundle; readonly metadata: Content };
  stream: { readonly name: "stdout" | "stderr"; readonly text: string };
  display_data: Display;
  update_display_data: Display;
  clear_output: { readonly wait: boolean };
  error: ErrorContent;
  comm_open: { readonly comm_id: string; readonly target_name: string; readonly data: Content };
  comm_msg: { readonly comm_id: string; readonly data: Content };
  comm_close: { readonly comm_id: string; readonly data: Content };
  shutdown_reply: Answer<ShutdownContent>;
  debug_event: DebugEvent;
}

export type Content = Readonly<Record<string, unknown>>;
export type Nothing = Readonly<Record<never, never>>;

export interface ErrorContent {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

export interface Failure extends ErrorContent {
  readonly status: "error";
  readonly execution_count?: number;
}

type Answer<Result> = { readonly status: "ok" } & Result;

interface Display {
  readonly data: MimeBundle;
  readonly metadata: Content;
  readonly transient: { readonly display_id?: string };
}

interface KernelInfo {
  readonly protocol_version: string;
  readonly implementation: string;
  readonly implementation_version: string;
  readonly language_info: {
    readonly name: string;
    readonly version: string;
    readonly mimetype: string;
    readonly file_extension: string;
    readonly pygments_lexer: string;
    readonly codemirror_mode: { readonly name: string; readonly typescript: boolean };
    readonly nbconvert_exporter: string;
  };
  readonly banner: string;
  readonly debugger: boolean;
  readonly supported_features: readonly string[];
  readonly help_links: readonly { readonly text: string; readonly url: string }[];
}

interface CodeContent {
  readonly code: string;
}

interface ExecuteContent extends CodeContent {
  readonly silent: boolean;
  readonly store_history: boolean;
  readonly user_expressions: Readonly<Record<string, string>>;
  readonly allow_stdin: boolean;
  readonly stop_on_error: boolean;
}

type ExecuteAnswer =
  | {
      readonly status: "ok";
      readonly execution_count: number;
      readonly user_expressions: Readonly<Record<string, ExpressionAnswer>>;
      readonly payload: readonly Content[];
    }
  | { readonly status: "aborted" };

export type ExpressionAnswer = Answer<{ readonly data: MimeBundle; readonly metadata: Content }> | Failure;

interface PositionContent extends CodeContent {
  /** UTF-16 offset here; code points on the wire. */
  readonly offset: number;
}

interface CompleteAnswer {
  readonly matches: readonly string[];
  readonly cursor_start: number;
  readonly cursor_end: number;
  readonly metadata: Content;
}

interface InspectContent extends PositionContent {
  readonly detail_level: number;
}

interface InspectAnswer {
  readonly found: boolean;
  readonly data: MimeBundle;
  readonly metadata: Content;
}

export type HistoryContent = { readonly output: boolean } & (
  | { readonly access: "tail"; readonly n: number }
  | { readonly access: "range"; readonly session: number; readonly start: number; readonly stop: number | undefined }
  | { readonly access: "search"; readonly n: number | undefined; readonly pattern: string; readonly unique: boolean }
);

/** Session, line and input; with output asked for, input and output as a pair. */
export type HistoryItem = readonly [number, number, string | readonly [string, string | null]];

interface ShutdownContent {
  readonly restart: boolean;
}

/** A request of the Debug Adapter Protocol. */
export interface DebugContent {
  readonly seq: number;
  readonly command: string;
  /** What the command needs is read by the command. */
  readonly arguments: Content;
}

/** A response of the Debug Adapter Protocol. */
export interface DebugAnswer {
  readonly type: "response";
  readonly seq: number;
  readonly request_seq: number;
  readonly command: string;
  readonly success: boolean;
  /** Why there is no success. */
  readonly message?: string;
  readonly body: Content;
}

/** An event of the Debug Adapter Protocol. */
export interface DebugEvent {
  readonly type: "event";
  readonly seq: number;
  readonly event: "initialized" | "stopped" | "continued";
  readonly body: Content;
}
