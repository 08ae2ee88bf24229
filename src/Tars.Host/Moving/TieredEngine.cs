using System.Diagnostics;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Host.Moving;

/// <summary>`auto`: modules begin at once on the engine that is ready soonest, and go over to the one that separates
/// most when it has compiled them.</summary>
/// <remarks>
/// Any thread may load.
/// Invariants:
///   I1  A module that is to have a machine of its own never begins elsewhere: see <see cref="LoadIsolated"/>.
///   I2  Compiling never holds up a run; what was let go in the meantime is not compiled any more.
///   I3  Whatever the better engine does with a module, that module goes on and says why it stays, and the next one is
///       compiled.
/// </remarks>
/// <param name="better">The better engine, for work that nobody waits for.</param>
/// <param name="atOnce">The same, for work that a run waits for.</param>
internal sealed class TieredEngine(IEngine soon, IEngine better, IEngine atOnce) : IFloorEngine
{
    private readonly Lock _gate = new();
    private readonly Queue<(ValidatedModule Module, MovableCode Code)> _waiting = new();
    private bool _isAtWork;

    public string Name => "auto";

    /// <summary>What it can give.</summary>
    public IsolationFloor Isolation => better.Isolation;

    /// <summary>Where modules begin, and where they go.</summary>
    public (string Soon, string Better) Names => (soon.Name, better.Name);

    public EngineLoad Load(ValidatedModule module)
    {
        if (soon.Load(module) is not EngineLoad.Loaded loaded)
        {
            return atOnce.Load(module);
        }

        var code = new MovableCode(loaded.Code, soon.Name);
        lock (_gate)
        {
            _waiting.Enqueue((module, code));
            if (!_isAtWork)
            {
                _isAtWork = true;
                new Thread(Work) { IsBackground = true, Name = "compiling for later" }.Start();
            }
        }

        return new EngineLoad.Loaded(code);
    }

    public EngineLoad LoadIsolated(ValidatedModule module) => atOnce.Load(module);

    private void Work()
    {
        // Most of what is this short is over before a compiler would have begun.
        Thread.Sleep(Limits.TierDelayMilliseconds);
        while (Next() is var (module, code))
        {
            if (code.IsDisposed) // I2
            {
                continue;
            }

            switch (LoadBetter(module))
            {
                case EngineLoad.Loaded { Code: var made }:
                    code.MoveTo(made, better.Name);
                    break;
                case EngineLoad.Refused { Reason: var why }:
                    code.Stays(why);
                    break;
                default:
                    throw new UnreachableException();
            }
        }
    }

    // I3: on this thread an exception would end the process, for work that nobody waits for.
    private EngineLoad LoadBetter(ValidatedModule module)
    {
        try
        {
            return better.Load(module);
        }
        catch (Exception failed)
        {
            string what = $"{failed.GetType().Name}: {failed.Message}";
            return new EngineLoad.Refused($"the engine {better.Name} failed: {what}");
        }
    }

    private (ValidatedModule Module, MovableCode Code)? Next()
    {
        lock (_gate)
        {
            _isAtWork = _waiting.TryDequeue(out var next);
            return _isAtWork ? next : null;
        }
    }
}
