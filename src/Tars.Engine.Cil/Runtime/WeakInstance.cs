using System.Runtime.InteropServices;

namespace Tars.Engine.Cil.Runtime;

/// <summary>Names an instance in its state block without holding it.</summary>
internal sealed class WeakInstance(Instance instance) : IDisposable
{
    private GCHandle _name = GCHandle.Alloc(instance, GCHandleType.Weak);

    ~WeakInstance() => _name.Free();

    public nint Word => GCHandle.ToIntPtr(_name);

    public void Dispose()
    {
        if (_name.IsAllocated)
        {
            _name.Free();
            GC.SuppressFinalize(this);
        }
    }
}
