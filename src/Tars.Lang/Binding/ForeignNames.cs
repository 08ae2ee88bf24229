namespace Tars.Lang.Binding;

/// <summary>Names from other languages, each with what is written here instead.</summary>
internal static class ForeignNames
{
    private static readonly Dictionary<string, string> _mends = new(StringComparer.Ordinal)
    {
        ["null"] = "write `none`",
        ["nil"] = "write `none`",
        ["undefined"] = "write `none`",
        ["this"] = "write the field's name alone; `self` is the process",
        ["len"] = "write `x.len()`, or `.size()` of a text",
        ["length"] = "write `.len()`, or `.size()` of a text",
        ["count"] = "write `.len()`",
        ["append"] = "write `.push(x)`",
        ["add"] = "write `.push(x)`, or `m[key] = value`",
        ["insert"] = "write `.push(x)`, or `m[key] = value`",
        ["print"] = "write `log(\"…\")`, or `tell` a console",
        ["println"] = "write `log(\"…\")`, or `tell` a console",
        ["sleep"] = "nothing waits here; write `after DURATION NAME` and a handler `timer NAME`",
        ["wait"] = "nothing waits here; write `after DURATION NAME` and a handler `timer NAME`",
        ["send"] = "write `tell agent.name(…)`",
        ["str"] = "write `\"{x}\"`",
        ["text"] = "write `\"{x}\"`",
        ["string"] = "the type is `text`",
        ["range"] = "write `for i in a..b`",
        ["log10"] = "write `ln(x) / ln(10.0)`",
        ["floor"] = "write `-ceil(-x)`",
        ["pop"] = "write `.remove_at(i)`",
        ["has_key"] = "write `.has(key)`",
        ["contains_key"] = "write `.has(key)`",
        ["delete"] = "write `.remove(key)`",
        ["values"] = "write a `for` loop over `.keys()`",
        ["items"] = "write a `for` loop over `.keys()`",
        ["min"] = "write `.min_by(x => x)`",
        ["all"] = "write `not xs.any(x => not …)`",
        ["is_empty"] = "compare its `.len()` or `.size()` with 0",
        ["reverse"] = "write a `for` loop from the end",
        ["ends_with"] = "write `match x { \"{before}END\" => … }`",
        ["index_of"] = "write `match x { \"{before}MARK{after}\" => … }`, or a `for` loop over a list",
        ["first"] = "write `[0]`",
        ["last"] = "write `xs[xs.len() - 1]`",
        ["fold"] = "write a `for` loop",
        ["reduce"] = "write a `for` loop",
        ["sort"] = "write `.sort_by(x => x)`",
        ["format"] = "write a hole: `\"{x:.2}\"`",
        ["to_string"] = "write `\"{x}\"`",
        ["parse"] = "write `match text { \"{n:int}\" => … }`",
    };

    /// <summary>The mend for a method of a value that has these, or empty.</summary>
    public static string MendOf(string name, IEnumerable<string> methods) => name switch
    {
        "len" or "length" or "size" or "count" =>
            methods.Contains("len") ? "write `.len()`" : methods.Contains("size") ? "write `.size()`" : "",
        "get" or "at" when methods.Contains("push") => "write `xs[i]`",
        "contains" when methods.Contains("push") => "write `.any(x => x == …)`",
        "contains" when methods.Contains("has") => "write `.has(key)`",
        "append" or "add" or "insert" when methods.Contains("push") => "write `.push(x)`",
        "append" or "add" or "insert" or "push" or "set" when methods.Contains("has") => "write `m[key] = value`",
        _ => MendOf(name),
    };

    /// <summary>The mend, or empty.</summary>
    public static string MendOf(string name) => _mends.GetValueOrDefault(name, "");
}
