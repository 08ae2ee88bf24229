using Tars.Lang.Syntax;

namespace Tars.Lang.Parsing;

/// <summary>The words and signs of the language, and what authors who come from others write in their place.</summary>
/// <remarks>
/// To add a keyword add its kind and a row in Keywords; to teach a mend add a row to a Foreign table.
/// </remarks>
public static class Vocabulary
{
    internal static IReadOnlyDictionary<string, TokenKind> Keywords { get; } =
        new Dictionary<string, TokenKind>(StringComparer.Ordinal)
        {
            ["let"] = TokenKind.Let,
            ["var"] = TokenKind.Var,
            ["if"] = TokenKind.If,
            ["else"] = TokenKind.Else,
            ["while"] = TokenKind.While,
            ["for"] = TokenKind.For,
            ["in"] = TokenKind.In,
            ["match"] = TokenKind.Match,
            ["return"] = TokenKind.Return,
            ["break"] = TokenKind.Break,
            ["continue"] = TokenKind.Continue,
            ["fail"] = TokenKind.Fail,
            ["assert"] = TokenKind.Assert,
            ["and"] = TokenKind.And,
            ["or"] = TokenKind.Or,
            ["not"] = TokenKind.Not,
            ["true"] = TokenKind.True,
            ["false"] = TokenKind.False,
            ["none"] = TokenKind.None,
            ["self"] = TokenKind.Self,
            ["ask"] = TokenKind.Ask,
            ["tell"] = TokenKind.Tell,
            ["spawn"] = TokenKind.Spawn,
            ["within"] = TokenKind.Within,
            ["after"] = TokenKind.After,
            ["every"] = TokenKind.Every,
            ["cancel"] = TokenKind.Cancel,
        };

    /// <summary>Longer signs stand before those that they begin with.</summary>
    internal static (string Spelling, TokenKind Kind)[] Signs { get; } =
    [
        ("=>", TokenKind.Arrow), ("==", TokenKind.EqualEqual), ("!=", TokenKind.NotEqual),
        ("<=", TokenKind.LessEqual), (">=", TokenKind.GreaterEqual), ("<<", TokenKind.ShiftLeft),
        (">>", TokenKind.ShiftRight), ("??", TokenKind.Coalesce), ("+=", TokenKind.PlusEqual),
        ("-=", TokenKind.MinusEqual), ("*=", TokenKind.StarEqual), ("/=", TokenKind.SlashEqual),
        ("..", TokenKind.DotDot), (".", TokenKind.Dot), (",", TokenKind.Comma), ("(", TokenKind.OpenRound),
        (")", TokenKind.CloseRound), ("{", TokenKind.OpenBrace), ("}", TokenKind.CloseBrace),
        ("[", TokenKind.OpenSquare), ("]", TokenKind.CloseSquare), ("<", TokenKind.Less), (">", TokenKind.Greater),
        ("=", TokenKind.Equal), ("+", TokenKind.Plus), ("-", TokenKind.Minus), ("*", TokenKind.Star),
        ("/", TokenKind.Slash), ("%", TokenKind.Percent), ("&", TokenKind.Ampersand), ("|", TokenKind.Bar),
        ("^", TokenKind.Caret), ("!", TokenKind.Bang), ("?", TokenKind.Question), (":", TokenKind.Colon),
    ];

    /// <summary>
    /// Signs of other languages and their mends; longer ones first. Comments run to the end of the line.
    /// </summary>
    internal static (string Spelling, string Mend)[] ForeignSigns { get; } =
    [
        ("===", "write `==`"), ("!==", "write `!=`"), ("...", "write `..`, which leaves the last one out"),
        ("//", "begin comments with `#`"), ("/*", "begin comments with `#`"), ("&&", "write `and`"),
        ("||", "write `or`"), ("++", "write `+= 1`"), ("--", "write `-= 1`; for a double minus use parentheses"),
        (";", "write one statement a line, without semicolons"), ("->", "write `=>`, or `returns:` for a result"),
        (":=", "write `let name = …`, or `=` to change"), ("::", "write `.`"), ("**", "write `pow(a, b)`"),
        ("%=", "write `a = a % b`"), ("&=", "write `a = a & b`"), ("|=", "write `a = a | b`"),
        ("^=", "write `a = a ^ b`"), ("?.", "unwrap with `if let`, or `let … else`"),
    ];

    /// <summary>Words that begin statements elsewhere and are plain names here.</summary>
    internal static IReadOnlyDictionary<string, string> ForeignWords { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["const"] = "write `let`, or declare it under `constants:`",
            ["auto"] = "write `let`",
            ["mut"] = "write `var`",
            ["val"] = "write `let`",
            ["function"] = "declare functions under `functions:`",
            ["def"] = "declare functions under `functions:`",
            ["fn"] = "declare functions under `functions:`",
            ["func"] = "declare functions under `functions:`",
            ["elif"] = "write `else if`",
            ["elseif"] = "write `else if`",
            ["then"] = "put the statements between `{ }`",
            ["unless"] = "write `if not`",
            ["until"] = "write `while not`",
            ["loop"] = "write `while true`",
            ["foreach"] = "write `for x in list`",
            ["switch"] = "write `match`",
            ["case"] = "write `match value { case => … }`",
            ["try"] = "a failure is a value: write `let … else why { … }`",
            ["catch"] = "a failure is a value: write `let … else why { … }`",
            ["except"] = "a failure is a value: write `let … else why { … }`",
            ["finally"] = "a handler is undone as a whole when it traps; there is nothing to clean up",
            ["throw"] = "write `fail \"why\"`, or return a Failure",
            ["raise"] = "write `fail \"why\"`, or return a Failure",
            ["await"] = "write `ask`",
            ["async"] = "handlers run one at a time; write `ask` to wait for an answer",
            ["yield"] = "collect values in a list and return it",
            ["send"] = "write `tell target.name(…)`",
            ["print"] = "write `log(…)`, or tell a console",
            ["echo"] = "write `log(…)`, or tell a console",
            ["import"] = "declare modules under `imports:`",
            ["use"] = "declare modules under `imports:`",
            ["class"] = "declare records under `types:`",
            ["struct"] = "declare records under `types:`",
            ["enum"] = "declare variants under `types:`",
            ["new"] = "make a record with `Type(field = value)`",
            ["del"] = "write `m.remove(key)`",
            ["delete"] = "write `m.remove(key)`",
            ["pass"] = "leave the block empty: `{}`",
            ["int"] = "write `let name: int = …`",
            ["float"] = "write `let name: float = …`",
            ["bool"] = "write `let name: bool = …`",
            ["text"] = "write `let name: text = …`",
            ["string"] = "write `let name: text = …`",
            ["bytes"] = "write `let name: bytes = …`",
            ["duration"] = "write `let name: duration = …`",
        };

    /// <summary>Operators of two operands that chain to the left.</summary>
    internal static IReadOnlyList<OperatorRow> Operators { get; } =
    [
        new(TokenKind.Or, 1, BinaryOp.Or),
        new(TokenKind.And, 2, BinaryOp.And),
        new(TokenKind.EqualEqual, 4, BinaryOp.Equal),
        new(TokenKind.NotEqual, 4, BinaryOp.NotEqual),
        new(TokenKind.Less, 4, BinaryOp.Less),
        new(TokenKind.LessEqual, 4, BinaryOp.LessOrEqual),
        new(TokenKind.Greater, 4, BinaryOp.Greater),
        new(TokenKind.GreaterEqual, 4, BinaryOp.GreaterOrEqual),
        new(TokenKind.Coalesce, 5, BinaryOp.Coalesce),
        new(TokenKind.Ampersand, 6, BinaryOp.BitAnd),
        new(TokenKind.Bar, 6, BinaryOp.BitOr),
        new(TokenKind.Caret, 6, BinaryOp.BitXor),
        new(TokenKind.ShiftLeft, 6, BinaryOp.ShiftLeft),
        new(TokenKind.ShiftRight, 6, BinaryOp.ShiftRight),
        new(TokenKind.Plus, 7, BinaryOp.Add),
        new(TokenKind.Minus, 7, BinaryOp.Subtract),
        new(TokenKind.Star, 8, BinaryOp.Multiply),
        new(TokenKind.Slash, 8, BinaryOp.Divide),
        new(TokenKind.Percent, 8, BinaryOp.Remainder),
    ];

    private static readonly OperatorRow?[] _operators = ByKind();

    internal static OperatorRow? OperatorOf(TokenKind kind) => _operators[(int)kind];

    /// <summary>Whether a word is taken by the language, so that nothing can be declared with it.</summary>
    public static bool IsKeyword(string word) => Keywords.ContainsKey(word);

    /// <summary>A line that ends with one of these goes on in the next.</summary>
    internal static bool GoesOnAfter(TokenKind kind) =>
        OperatorOf(kind) is not null || kind is TokenKind.Not or TokenKind.Comma or TokenKind.Arrow or TokenKind.Dot
            or TokenKind.DotDot or TokenKind.Equal or TokenKind.PlusEqual or TokenKind.MinusEqual
            or TokenKind.StarEqual or TokenKind.SlashEqual;

    internal static string SpellingOf(TokenKind kind) =>
        Array.Find(Signs, sign => sign.Kind == kind).Spelling
        ?? Keywords.FirstOrDefault(word => word.Value == kind).Key
        ?? "";

    private static OperatorRow?[] ByKind()
    {
        var byKind = new OperatorRow?[Enum.GetValues<TokenKind>().Length];
        foreach (OperatorRow row in Operators)
        {
            byKind[(int)row.Kind] = row;
        }

        return byKind;
    }
}
