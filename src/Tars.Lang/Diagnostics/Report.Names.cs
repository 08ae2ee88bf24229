using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>TARS0401 to TARS0421: names, effects, asks and arguments.</summary>
public static partial class Report
{
    public static Diagnostic NameTaken(TextSpan at, string name, string what) => Error(
        "TARS0401", at, $"`{Short(name)}` is already {what}", "choose another name: none hides another");

    /// <param name="what">A constant, a function, a state field.</param>
    public static Diagnostic Unused(TextSpan at, string what, string name, string verb) => Warning(
        "TARS0402", at, $"{what} `{Short(name)}` is never {verb}", "use it or delete it");

    public static Diagnostic Unreachable(TextSpan at) => Error(
        "TARS0403", at, "this is never reached", "delete it, or what leaves before it");

    public static Diagnostic StateWithoutValue(TextSpan at, string name) => Error(
        "TARS0404",
        at,
        $"state `{name}` has no initial value",
        "write `TYPE = VALUE`; only an agent with `starts: by_spawn` may leave it to its spawner");

    public static Diagnostic UnknownTimer(TextSpan at, string name, string mend) => Error(
        "TARS0405",
        at,
        $"no handler `timer {Short(name)}`",
        mend.Length > 0 ? mend : $"add `timer {Short(name)}:` under `handlers`");

    public static Diagnostic CannotChange(TextSpan at, string name, TextSpan declared) => Error(
        "TARS0406", at, $"`{name}` cannot change", "declare it with `var`", declared);

    public static Diagnostic UnknownName(TextSpan at, string name, string mend) => Error(
        "TARS0408",
        at,
        $"no name `{Short(name)}` here",
        mend.Length > 0 ? mend : "declare it, or use a name that is in scope");

    public static Diagnostic NotAPlace(TextSpan at) => Error(
        "TARS0408", at, "this cannot be assigned to", "assign to a state field, a `var`, or a path into one");

    public static Diagnostic EffectInPureCode(TextSpan at, string what, string where) => Error(
        "TARS0409",
        at,
        $"`{what}` cannot stand in {where}",
        where == "`migrate`"
            ? "it may change state and `log`; do the rest in an event after it"
            : "only handlers and procedures have effects; pass values in as arguments");

    public static Diagnostic ProcedureInPureCode(TextSpan at, string name, string where) => Error(
        "TARS0409", at, $"`{name}` is a procedure, and {where} calls none", "call it before, or make it a function");

    public static Diagnostic AskNotAllowed(TextSpan at, string where) => Error(
        "TARS0410", at, $"`ask` cannot stand in {where}", "ask in a handler or a procedure and pass the answer on");

    public static Diagnostic NoSuchTarget(TextSpan at, string title, string mend) => Error(
        "TARS0411", at, title, mend.Length > 0 ? mend : "name one that is declared");

    public static Diagnostic ManyProcesses(TextSpan at, string agent) => Error(
        "TARS0411", at, $"there may be many of `{agent}`, or none", "use the `ref` that `spawn` gave");

    public static Diagnostic UnknownFunction(TextSpan at, string name, string mend) => Error(
        "TARS0411", at, $"no function `{Short(name)}`", mend.Length > 0 ? mend : "declare it under `functions:`");

    public static Diagnostic UnknownMethod(TextSpan at, string type, string name, string mend) => Error(
        "TARS0411",
        at,
        $"{Quoted(type)} has no method `{Short(name)}`",
        mend.Length > 0 ? mend : "use one of its methods, or a function");

    public static Diagnostic AsksNobody(TextSpan at, string name) => Error(
        "TARS0412", at, $"`{name}` asks nobody", $"call it without `ask`: `{name}(…)`");

    public static Diagnostic WithinOfOwn(TextSpan at, string name) => Error(
        "TARS0413",
        at,
        $"`within` does not belong to `{name}`, a procedure of its own",
        "put it at the ask inside the procedure");

    public static Diagnostic WithinMissing(TextSpan at) => Error(
        "TARS0414", at, "an ask needs `within`", "say how long to wait at most: `within 1s`");

    public static Diagnostic NotForModel(TextSpan at, string type) => Error(
        "TARS0415",
        at,
        $"a model cannot fill a `{type}`",
        "use a record of at most four levels of records, lists, bool, int, float, text and variants without payload");

    public static Diagnostic NotBySpawn(TextSpan at, string agent) => Error(
        "TARS0416", at, $"`{agent}` is not declared `starts: by_spawn`", "declare it so, or ask the one that is there");

    public static Diagnostic AsksItself(TextSpan at, string agent) => Error(
        "TARS0417", at, $"`{agent}` would wait for itself", "call a procedure, or `tell` itself");

    public static Diagnostic ArgumentsByName(TextSpan at, string owner, IEnumerable<string> names) => Error(
        "TARS0418",
        at,
        $"`{owner}` takes its arguments by name",
        $"write `name = value`; the names are: {List(names)}");

    public static Diagnostic ArgumentsByPosition(TextSpan at, string owner) => Error(
        "TARS0418", at, $"`{owner}` takes its arguments by position", "leave out the name and `=`");

    public static Diagnostic ArgumentCount(TextSpan at, string owner, int expected, int given) => Error(
        "TARS0418", at, $"`{Short(owner)}` takes {Count(expected, "argument")}, {given} given", "give exactly so many");

    public static Diagnostic UnknownArgument(TextSpan at, string owner, string name, string mend) => Error(
        "TARS0418", at, $"`{owner}` has no argument `{Short(name)}`", mend.Length > 0 ? mend : "delete it");

    public static Diagnostic ArgumentTwice(TextSpan at, string name) => Error(
        "TARS0418", at, $"the argument `{Short(name)}` stands here twice", "delete one of them");

    public static Diagnostic MissingArgument(TextSpan at, string owner, string name, string type) => Error(
        "TARS0418", at, $"`{owner}` needs `{name}`", $"add `{name} = …`, a {Quoted(type)}");

    public static Diagnostic LogForm(TextSpan at) => Error(
        "TARS0418", at, "`log` takes a text, then named values", "write `log(\"what\", name = value)`");

    public static Diagnostic CallWithoutAsk(TextSpan at, string name) => Error(
        "TARS0419",
        at,
        $"`{name}` asks, so calling it commits",
        $"write `ask {name}(…)`, alone or as a whole right side");

    public static Diagnostic AskingCircle(TextSpan at, string name) => Error(
        "TARS0420", at, $"`{name}` asks and comes back to itself", "use a loop; what waits must have a known depth");

    public static Diagnostic TooManyWaits(TextSpan at, int limit) => Error(
        "TARS0421",
        at,
        $"this handler has more than {limit} places to wait",
        "ask in fewer places, or split the handler");

    private static Diagnostic Warning(string code, TextSpan at, string title, string hint) =>
        new(code, Severity.Warning, at, title, hint);

    private static string List(IEnumerable<string> names) => Short(string.Join(", ", names.DefaultIfEmpty("none")));
}
