namespace Fairlead.Storage.Changes;

/// <summary>Keeps something in memory that another process may change in the database.</summary>
public interface IForeignChangeListener
{
    /// <summary>Another process committed something: read again what it may have changed. Must be cheap when nothing of its own changed.</summary>
    Task OnForeignChangeAsync(CancellationToken cancellationToken);
}
