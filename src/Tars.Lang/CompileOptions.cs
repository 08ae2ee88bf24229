namespace Tars.Lang;

/// <summary>What a compilation may vary.</summary>
/// <param name="IncludeTests">True puts the module's own tests into the bundle.</param>
public sealed record CompileOptions(bool IncludeTests = false);
