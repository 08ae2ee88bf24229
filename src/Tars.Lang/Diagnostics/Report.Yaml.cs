using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>TARS0100 to TARS0109: the document is not in the subset of YAML that metascripts are written in.</summary>
public static partial class Report
{
    public static Diagnostic NotUtf8(TextSpan at) => Error(
        "TARS0100", at, "these bytes are not UTF-8", "save the file as UTF-8");

    public static Diagnostic ByteOrderMark(TextSpan at) => Error(
        "TARS0100", at, "the file begins with a byte order mark", "save the file as UTF-8 without one");

    public static Diagnostic SourceTooLarge(TextSpan at) => Error(
        "TARS0100",
        at,
        $"the file is larger than {Limits.SourceBytesMax / 1024} KiB",
        "split the module, or keep large data in a device");

    public static Diagnostic NotText(TextSpan at) => Error(
        "TARS0100", at, "the file holds a zero byte, so it is no text", "name a metascript, saved as UTF-8");

    public static Diagnostic NothingWritten(TextSpan at) => Error(
        "TARS0100",
        at,
        "the file is empty, or holds nothing but comments",
        "begin with `tars: 1`; `tarscli new NAME` writes a small module");

    public static Diagnostic ForbiddenCharacter(TextSpan at, char character) => Error(
        "TARS0100",
        at,
        $"the character U+{(int)character:X4} may not stand in a metascript",
        "delete it, or write it as an escape in quoted text");

    public static Diagnostic YamlTooDeep(TextSpan at) => Error(
        "TARS0100", at, $"more than {Limits.YamlDepthMax} levels of nesting", "flatten this part");

    public static Diagnostic KeyExpected(TextSpan at) => Error(
        "TARS0100",
        at,
        "expected `key: value`",
        "write a colon and a blank after the key, or put text of several lines after `|`");

    public static Diagnostic ColonInValue(TextSpan at) => Error(
        "TARS0100", at, "a colon and a blank inside a plain value", "put quotes round the whole value");

    public static Diagnostic StrayIndentation(TextSpan at) => Error(
        "TARS0100",
        at,
        "this line begins in a column where nothing else begins",
        "indent it like its neighbours, two blanks a level");

    public static Diagnostic ItemAmongKeys(TextSpan at) => Error(
        "TARS0100", at, "a list item where a key is expected", "write `key: value`, or indent the list below its key");

    public static Diagnostic ListOnKeyLine(TextSpan at) => Error(
        "TARS0100", at, "a list begins on the line of its key", "begin the list on the next line, or write `[a, b]`");

    public static Diagnostic LinesLeftOver(TextSpan at) => Error(
        "TARS0100", at, "the document has ended before this line", "make the whole document one mapping");

    public static Diagnostic FlowNotClosed(TextSpan at, char opened) => Error(
        "TARS0100",
        at,
        $"this `{opened}` is not closed",
        opened == '[' ? "close it with `]`" : "close it with `}`");

    public static Diagnostic FlowWrongCloser(TextSpan at, char opened, char closed) => Error(
        "TARS0100",
        at,
        $"`{closed}` closes what `{opened}` opened",
        opened == '[' ? "write `]`" : "write `}`");

    public static Diagnostic FlowWithoutValue(TextSpan at, string key) => Error(
        "TARS0100",
        at,
        $"`{Short(key)}` has no value here",
        "write `key: value`; if the comma before it belongs to a value, quote that value or use block style");

    public static Diagnostic FlowCommaExpected(TextSpan at) => Error(
        "TARS0100",
        at,
        "expected a comma or the closing bracket",
        "separate entries with commas; quote a value that holds brackets or quotes of its own");

    public static Diagnostic FlowItemMissing(TextSpan at) => Error(
        "TARS0100", at, "nothing stands before this comma", "delete the comma");

    public static Diagnostic AfterQuotes(TextSpan at) => Error(
        "TARS0100",
        at,
        "text goes on after the closing quote",
        "put single quotes round the whole value; a single quote inside is written twice");

    public static Diagnostic YamlEscape(TextSpan at) => Error(
        "TARS0100",
        at,
        "unknown escape in a quoted value",
        "use one of `\\n \\t \\r \\\" \\\\ \\/ \\xNN \\uNNNN`, or single quotes, where `\\` means itself");

    public static Diagnostic IndicatorAtStart(TextSpan at, char indicator) => Error(
        "TARS0100", at, $"a plain value cannot begin with `{indicator}`", "put quotes round the value");

    public static Diagnostic CodeOutdented(TextSpan at) => Error(
        "TARS0100",
        at,
        "this line stands further left than the first line of its block",
        "indent it at least as far as the first line after `|`");

    public static Diagnostic BlankBeforeCode(TextSpan at) => Error(
        "TARS0100",
        at,
        "an empty line before the text has more blanks than the text itself",
        "delete the blanks");

    public static Diagnostic OtherReadersDiffer(TextSpan at) => Error(
        "TARS0100",
        at,
        "other readers of YAML understand this differently",
        "write it more plainly: quotes round the value, or block style");

    public static Diagnostic Tab(TextSpan at) => Error(
        "TARS0101", at, "a tab", "indent with blanks; inside quoted text write `\\t`");

    public static Diagnostic OutsideSubset(TextSpan at, string what) => Error(
        "TARS0102",
        at,
        $"{what} not part of the subset of YAML that metascripts use",
        "delete it; if it was meant as text, put quotes round the value");

    public static Diagnostic FoldedText(TextSpan at) => Error(
        "TARS0103", at, "folded text with `>`", "write `|`, or quoted text on one line");

    public static Diagnostic BlockIndicators(TextSpan at) => Error(
        "TARS0103", at, "something stands after `|`", "write `|` alone; the text begins on the next line");

    public static Diagnostic GoesOnInNextLine(TextSpan at) => Error(
        "TARS0104",
        at,
        "this value goes on in the next line",
        "write it on one line, or write `|` and indent the text below it");

    public static Diagnostic QuoteNotClosed(TextSpan at) => Error(
        "TARS0104", at, "a quoted value is not closed on its line", "close the quote on this line, or use `|`");

    public static Diagnostic ComplexKey(TextSpan at) => Error(
        "TARS0105", at, "a key must be text on one line", "write `key: value` with a plain key");

    public static Diagnostic DuplicateKey(TextSpan at, string key, TextSpan first) => Error(
        "TARS0106", at, $"the key `{Short(key)}` stands here twice", "delete or rename one of them", first);

    public static Diagnostic CommaInType(TextSpan at) => Error(
        "TARS0107",
        at,
        "in flow style the comma inside `< >` ends the value",
        "write this mapping in block style, one `key: value` a line");

    public static Diagnostic BracketInValue(TextSpan at) => Error(
        "TARS0107",
        at,
        "in flow style a plain value cannot hold brackets or braces",
        "write this mapping in block style, one `key: value` a line, or quote the value");

    public static Diagnostic CommentEndsCode(TextSpan at) => Error(
        "TARS0108",
        at,
        "this comment stands further left than the code round it and so ends the block",
        "indent it like the code");

    public static Diagnostic CommentCutsText(TextSpan at) => Error(
        "TARS0109",
        at,
        "the ` #` ends this value and the rest is taken as a comment",
        "put quotes round the value, or give the comment a line of its own");

    private static Diagnostic Error(
        string code, TextSpan at, string title, string hint, TextSpan? related = null) =>
        new(code, Severity.Error, at, title, hint, related);

    /// <summary>A title stays readable whatever the author wrote.</summary>
    private static string Short(string text)
    {
        const int LengthMax = 60;
        return text.Length <= LengthMax ? text : string.Concat(text.AsSpan(0, LengthMax), "…");
    }
}
