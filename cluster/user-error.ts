/** What the person who runs this can mend: its message is all that is to be told, without a stack trace, and quotes no secret. */
export class UserError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}
