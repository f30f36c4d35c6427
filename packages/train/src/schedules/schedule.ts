/**
 * Learning rate of a step, counted from 0. A step is one update of the parameters.
 *
 * How long a schedule is says nothing about how long the run is: a run that stops early, as after epoch 13 of 40, simply
 * asks for no more.
 */
export type Schedule = (step: number) => number;
