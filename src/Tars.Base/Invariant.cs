using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Tars.Base;

/// <summary>Checks that stay on in release. A failure is a bug in TARS, never something a guest can cause.</summary>
public static class Invariant
{
    public static void Holds(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string claim = "")
    {
        if (!condition)
        {
            throw new UnreachableException($"invariant broken: {claim}");
        }
    }
}
