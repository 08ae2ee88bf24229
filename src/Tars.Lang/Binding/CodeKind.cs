namespace Tars.Lang.Binding;

/// <summary>The kinds of code, which differ in what they may see and do.</summary>
internal enum CodeKind
{
    /// <summary>A constant, the default of a field.</summary>
    Constant,

    /// <summary>The initial value of a state field.</summary>
    Initial,

    Function,

    Test,

    Procedure,

    Handler,

    /// <summary>A handler <c>stop</c>: all but asking.</summary>
    StopHandler,

    /// <summary>A handler <c>migrate</c>: it writes state and may log.</summary>
    MigrateHandler,

    Invariant,

    /// <summary>An <c>expect</c> or <c>when</c>: it looks at a run from outside.</summary>
    Expectation,
}

/// <summary>What each kind of code may see and do.</summary>
internal static class CodeKinds
{
    public static bool SeesState(this CodeKind kind) => kind switch
    {
        CodeKind.Procedure or CodeKind.Handler or CodeKind.StopHandler => true,
        CodeKind.MigrateHandler or CodeKind.Invariant => true,
        CodeKind.Constant or CodeKind.Initial or CodeKind.Function => false,
        CodeKind.Test or CodeKind.Expectation => false,
    };

    public static bool SeesNow(this CodeKind kind) => kind == CodeKind.Test || kind.SeesState();

    public static bool HasEffects(this CodeKind kind) => kind switch
    {
        CodeKind.Procedure or CodeKind.Handler or CodeKind.StopHandler or CodeKind.MigrateHandler => true,
        CodeKind.Constant or CodeKind.Initial or CodeKind.Function => false,
        CodeKind.Test or CodeKind.Invariant or CodeKind.Expectation => false,
    };

    public static bool MayAsk(this CodeKind kind) => kind is CodeKind.Procedure or CodeKind.Handler;

    /// <summary>How a message names it, with what follows from it.</summary>
    public static string Describe(this CodeKind kind) => kind switch
    {
        CodeKind.Constant => "a constant",
        CodeKind.Initial => "an initial value",
        CodeKind.Function => "a function",
        CodeKind.Test => "a test",
        CodeKind.Procedure => "a procedure",
        CodeKind.Handler => "a handler",
        CodeKind.StopHandler => "`stop`",
        CodeKind.MigrateHandler => "`migrate`",
        CodeKind.Invariant => "an invariant",
        CodeKind.Expectation => "an expectation",
    };
}
