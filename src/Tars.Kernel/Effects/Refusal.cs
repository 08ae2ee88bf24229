namespace Tars.Kernel.Effects;

/// <summary>Why an effect was not carried out, and what it was about.</summary>
internal readonly record struct Refusal(string Target, string Reason);
