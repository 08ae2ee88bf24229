namespace Tars.Host.Testing;

/// <summary>How one of a module's own tests ended.</summary>
/// <param name="Failure">Null when the test passed.</param>
/// <param name="Fuel">What it burnt.</param>
public sealed record TestOutcome(string Name, TestFailure? Failure, long Fuel);

/// <summary>Why a test failed, and where.</summary>
/// <param name="Reason">In words, without a full stop.</param>
/// <param name="File">The source as the bundle names it; "" when the guest did not say where it stood.</param>
/// <param name="Line">Counted from one; 0 when unknown.</param>
public sealed record TestFailure(string Reason, string File, int Line);
