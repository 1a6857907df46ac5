namespace Fairlead.Load.Drive;

/// <summary>What came back for one request.</summary>
/// <param name="Status">The HTTP status; 0 when the connection broke.</param>
/// <param name="Events">How many <c>data:</c> events a stream had.</param>
/// <param name="Done">Whether a stream ended with <c>[DONE]</c>.</param>
/// <param name="FirstEvent">From sending the request to the first <c>data:</c> event.</param>
/// <param name="Whole">From sending the request to the end of the answer.</param>
internal readonly record struct Exchange(int Status, int Events, bool Done, TimeSpan FirstEvent, TimeSpan Whole);
