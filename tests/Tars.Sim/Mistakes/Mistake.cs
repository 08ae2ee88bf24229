namespace Tars.Sim.Mistakes;

/// <summary>One way to get a module wrong by adding a line, with the code that the author must be told.</summary>
/// <param name="Line">The line without its indentation; <c>@</c> stands for a fresh name.</param>
internal sealed record Mistake(string Code, MistakePlace Place, string Line);

/// <summary>Where a mistake can stand.</summary>
internal enum MistakePlace
{
    /// <summary>Between two statements of any `do`.</summary>
    Statement,

    /// <summary>Between two keys of the module.</summary>
    TopLevel,
}
