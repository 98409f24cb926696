import { Dialog, showDialog } from "@jupyterlab/apputils";

export interface Choice<Name extends string> {
  readonly name: Name;
  readonly label: string;
  /** The answer that is not the safe one. */
  readonly warns?: boolean;
}

/** Asks; undefined where the learner turned away. The last choice is the one that Enter takes. */
export async function ask<Name extends string>(
  title: string,
  body: string,
  choices: readonly Choice<Name>[],
  cancel: string = "Cancel",
): Promise<Name | undefined> {
  const buttons = choices.map(({ name, label, warns }) =>
    (warns === true ? Dialog.warnButton : Dialog.okButton)({ label, actions: [name] }),
  );
  const { button } = await showDialog({ title, body, buttons: [Dialog.cancelButton({ label: cancel }), ...buttons] });
  return choices.find(({ name }) => button.actions.includes(name))?.name;
}

export async function tell(title: string, body: string): Promise<void> {
  await showDialog({ title, body, buttons: [Dialog.okButton({ label: "OK" })] });
}
