namespace Tars.Sim.Robustness;

/// <summary>How a program is damaged; with a number it names one damaged text or module for ever.</summary>
internal enum DamageKind
{
    /// <summary>The first so many characters.</summary>
    Prefix,

    /// <summary>All but one token.</summary>
    Deletion,

    /// <summary>Changed in a few places by a seed.</summary>
    Mutation,

    /// <summary>The compiled module, changed in a few places by a seed.</summary>
    Module,
}
