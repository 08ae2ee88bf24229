using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Host.Moving;

/// <summary>Where an operator has the modules of a run go over to another engine while they run.</summary>
/// <remarks>Any thread may ask; guests go over on the threads that call them.</remarks>
internal sealed class EngineDesk(IEngine first)
{
    private readonly Lock _gate = new();
    private readonly List<Row> _rows = [];
    private IEngine _engine = first;

    /// <summary>What new versions are loaded with.</summary>
    public IEngine Engine
    {
        get
        {
            lock (_gate)
            {
                return _engine;
            }
        }
    }

    /// <summary>Code that can go over from now on, in the place of the code that cannot.</summary>
    /// <param name="isIsolated">Whether nothing less than a machine of its own will do.</param>
    public IGuestCode Add(string module, ValidatedModule valid, IGuestCode code, bool isIsolated)
    {
        var movable = new MovableCode(code);
        lock (_gate)
        {
            _rows.Add(new Row(module, valid, movable, isIsolated));
        }

        return movable;
    }

    /// <summary>Has all modules go over.</summary>
    /// <returns>Why none of them does; empty when all do.</returns>
    public ImmutableArray<string> MoveTo(IEngine engine)
    {
        lock (_gate)
        {
            var reasons = new List<string>();
            var codes = new List<(MovableCode Code, IGuestCode To)>();
            foreach (var row in _rows)
            {
                if (row.IsIsolated && engine.Isolation < IsolationFloor.MicroVm)
                {
                    reasons.Add($"{row.Module}: it is to have a machine of its own, which {engine.Name} does not give");
                }
                else if (engine.Load(row.Valid) is EngineLoad.Loaded { Code: var code })
                {
                    codes.Add((row.Code, code));
                }
                else
                {
                    reasons.Add($"{row.Module}: the engine {engine.Name} refuses it");
                }
            }

            foreach (var (code, to) in codes)
            {
                if (reasons.Count == 0)
                {
                    code.MoveTo(to);
                }
                else
                {
                    to.Dispose();
                }
            }

            _engine = reasons.Count == 0 ? engine : _engine;
            return [.. reasons];
        }
    }

    private sealed record Row(string Module, ValidatedModule Valid, MovableCode Code, bool IsIsolated);
}
